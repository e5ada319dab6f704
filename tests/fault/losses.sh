#!/bin/sh
# A map of 10,000 items, of which 400 die, each in one of all the ways that there are, on local
# processes and on ranks: exactly those fail, each with its cause, and nothing is left. For `make
# check-slow`, FAULT_ROUNDS times (1); at a tenth of the size, processes.sh and ranks.sh have it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 900
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"

FAULT_ITEMS=10000
export FAULT_ITEMS
# Shared memory by a name; what is new and nobody has mapped is left.
segments() {
    find /dev/shm -type f 2>/dev/null | sort
}
none_new() {
    segments | comm -13 "$work/segments" - >"$work/new"
    while read -r file; do
        grep -lqsF "$file" /proc/[0-9]*/maps || [ ! -e "$file" ] || { echo "left: $file"; return 1; }
    done <"$work/new"
}
# losses COMMAND...
losses() {
    segments >"$work/segments"
    ends $((120 * ${PINFOLD_TEST_PATIENCE:-1})) "$@" --memory-limit 64M --oversubscribe allow "$mark" ||
        return 1
    gone 5 || return 1
    none_new || return 1
    [ "$ended" -eq 0 ] && grep -qx 'failed 400' "$work/out" &&
        grep -qx 'wrong 0 of 10000' "$work/out" && grep -qx 'descriptors 0' "$work/out" &&
        [ ! -s "$work/err" ] && return 0
    cat "$work/out" "$work/err"
    return 1
}

memory_is_limited || skip_all "built with sanitizers, under which memory cannot be limited"
round=0
while [ $round -lt "${FAULT_ROUNDS:-1}" ]; do
    round=$((round + 1))
    for workers in 2 4; do
        check "$workers processes, round $round: each item that dies has its cause" \
            losses "$fault" losses --backend processes --workers $workers
    done
    for np in 2 3 5; do
        [ -n "$mpirun" ] || break
        # shellcheck disable=SC2086 # an empty word must vanish
        check "np $np, round $round: each item that dies has its cause" \
            losses "$mpirun" $oversubscribe -np $np "$fault" losses
    done
done

done_testing
