#!/bin/sh
# Maps with a journal, of which some process is killed at some moment, again and again: each time they
# go on where they were. What was committed is not run again, and what comes out is right. For `make
# check-slow`: FAULT_KILLS times (10), local and on ranks.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 900
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"
made PF_JOURNAL_LIBS | grep -q . || skip_all "built without SQLite"

journal=$work/journal
FAULT_RAN=$work/ran
export FAULT_RAN
seed=${FAULT_SEED:-$(date +%s)}
echo "# FAULT_SEED=$seed"
# random BELOW: the next number of the seed's row, below that.
random() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    echo $((seed / 65536 % $1))
}
committed() {
    "$bin/pinfold" journal --tsv "$journal" 2>"$work/none" |
        awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
            NR > 1 && $at["state"] == "done" { print $at["item"] }' | sort -u
}
# What ran had not been committed before; each run of this journal.
none_again() {
    sort -u "$FAULT_RAN" >"$work/ran.sorted"
    comm -12 "$work/before" "$work/ran.sorted" >"$work/again"
    [ ! -s "$work/again" ] || { echo "run again:"; cat "$work/again"; return 1; }
}
# A process of the job, any: mpirun, a rank, a nursery, a cell.
kill_one() {
    left >"$work/left"
    kill_one_n=$(wc -l <"$work/left")
    [ "$kill_one_n" -gt 0 ] || return 0
    random "$kill_one_n" >"$work/which"
    kill_one_path=$(sed -n "$(($(cat "$work/which") + 1))p" "$work/left")
    kill_one_pid=${kill_one_path#/proc/}
    kill -9 "${kill_one_pid%/cmdline}" 2>/dev/null
    return 0
}

# killed_once COMMAND...: 0: the map is finished, and right.
killed_once() {
    committed >"$work/before"
    : >"$FAULT_RAN"
    echo "mark-$$-$kills-of-pinfold" >"$work/mark"
    "$@" kept --oversubscribe allow --journal "$journal" "$(cat "$work/mark")" >"$work/out" \
        2>"$work/err" </dev/null &
    job=$!
    random 130 >"$work/centiseconds"
    moment=$(cat "$work/centiseconds")
    sleep "$((moment / 100)).$(printf '%02d' $((moment % 100)))" # any moment will do
    kill_one
    seed=$(((seed * 1103515245 + 12345 + moment) % 2147483648))
    wait "$job"
    status=$?
    none_again || return 2
    [ "$status" -eq 0 ] || return 1
    grep -q '^wrong 0$' "$work/out" || { cat "$work/out" "$work/err"; return 2; }
}
# all_kills COMMAND...: so many kills; a map that is finished begins anew, with another journal.
all_kills() {
    kills=0
    finished=0
    rm -f "$journal"*
    while [ $kills -lt "${FAULT_KILLS:-10}" ] || [ $finished -eq 0 ]; do
        kills=$((kills + 1))
        [ $kills -lt 500 ] || { echo "not finished after $kills kills"; return 1; }
        killed_once "$@"
        case $? in
        0)
            finished=$((finished + 1))
            rm -f "$journal"*
            ;;
        1) ! grep -q '^wrong [^0]' "$work/out" || { cat "$work/out"; return 1; } ;;
        *) return 1 ;;
        esac
    done
    echo "$kills kills, $finished maps finished"
    gone 10
}
check "local processes" all_kills env PINFOLD_WORKERS=3 PINFOLD_BACKEND=processes "$fault"
for np in 2 3; do
    if [ -n "$mpirun" ]; then
        # shellcheck disable=SC2086 # an empty word must vanish
        check "np $np" all_kills "$mpirun" $oversubscribe -np $np "$fault"
    fi
done

done_testing
