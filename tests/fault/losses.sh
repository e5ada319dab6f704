#!/bin/sh
# A map of 10,000 items, of which 350 die, each in one of all the ways that there are: ten times, and
# nobody is left. For `make check-slow`; at a tenth of the size, tests/fault/processes.sh has it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 1200
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"

FAULT_ITEMS=10000
export FAULT_ITEMS
losses() {
    ends 120 "$fault" losses --memory-limit 64M --workers "$@" || return 1
    gone 5 || return 1
    [ "$ended" -eq 0 ] && grep -qx 'failed 350' "$work/out" &&
        grep -qx 'wrong 0 of 10000' "$work/out" && [ ! -s "$work/err" ] && return 0
    cat "$work/out" "$work/err"
    return 1
}

memory_is_limited || skip_all "built with sanitizers, under which memory cannot be limited"
for round in 1 2 3 4 5 6 7 8 9 10; do
    for workers in 1 2 4; do
        check "$workers processes, round $round: each item that dies has its cause" \
            losses $workers --backend processes --oversubscribe allow "$mark"
    done
done

done_testing
