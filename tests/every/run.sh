# tests/every/run.sh: what the scripts beside it share; sourced after tests/lib.sh.
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh disable=SC2154,SC2034 # variables of tests/lib.sh, and for the scripts

# every "WAY" COMMAND...: the suite, started in this way; its lines become ours.
EVERY_COUNTS=$work/counts
EVERY_MODULE=$top_builddir/tests/every/.libs/module.so
[ -f "$EVERY_MODULE" ] || EVERY_MODULE=
export EVERY_COUNTS EVERY_MODULE
every() {
    every_way=$1
    shift
    head -c 80000 /dev/zero >"$EVERY_COUNTS"
    {
        "$@" 2>"$work/every.err"
        echo "status $?"
    } >"$work/every.out" </dev/null
    every_plan=
    every_said=$tap_failed
    while IFS= read -r every_line; do
        case $every_line in
        ok\ [0-9]*\ -\ *)
            tap_count=$((tap_count + 1))
            echo "ok $tap_count - $every_way: ${every_line#ok * - }"
            ;;
        not\ ok\ [0-9]*\ -\ *)
            tap_count=$((tap_count + 1))
            echo "not ok $tap_count - $every_way: ${every_line#not ok * - }"
            tap_failed=1
            ;;
        1..*) every_plan=$every_line ;;
        status\ *) every_status=${every_line#status } ;;
        *) echo "# $every_line" ;;
        esac
    done <"$work/every.out"
    check "$every_way: came to its end" every_ended
}
# all_behaviours: each number of what users expect of futures, pools and payloads has a test of that
# name in what `every` ran last. (16 and 17 are about crashes, 25 and on about command lists.)
all_behaviours() {
    for every_number in $(seq 15) $(seq 18 24); do
        grep -q "^ok .* behaviour $every_number: " "$work/every.out" ||
            { echo "behaviour $every_number has no test that passed"; return 1; }
    done
}
every_ended() {
    if [ -n "$every_plan" ] && { [ "$every_status" -eq 0 ] || [ "$tap_failed" != "$every_said" ]; }
    then
        return 0
    fi
    echo "plan '$every_plan', status $every_status"
    cat "$work/every.err"
    return 1
}
# EVERY_NP: other numbers of workers than 1, 2, 3 and 5.
# most_for N: all nouns for three workers; for another number, not those that wait for times to pass.
most_for() {
    EVERY_LESS=
    [ "$1" -eq 3 ] || EVERY_LESS="limit early"
    export EVERY_LESS
}
every=$top_builddir/tests/every/every
