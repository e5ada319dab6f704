#!/bin/sh
# Ranks: whoever is killed, the job ends within seconds, and nobody is left.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"
need_mpi

# shellcheck disable=SC2086 # of all of this file: an empty $oversubscribe must vanish
set -- --oversubscribe allow "$mark"

# spinning: np 3, at work; mpirun is $job.
spinning() {
    : >"$work/out"
    # shellcheck disable=SC2086 # an empty word must vanish
    "$mpirun" $oversubscribe -np 3 "$fault" spin "$@" >"$work/out" 2>"$work/err" </dev/null &
    job=$!
    within 30 started 4
}
parent_of() {
    sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status"
}
# What is a worker of rank 1 where ranks are isolated: its cell, whose parent is the nursery, whose
# parent is the rank.
victim() {
    which=$1
    shift
    spinning "$@" || return 1
    case $which in
    mpirun) pid=$job ;;
    driver) pid=$(pid_of driver) ;;
    worker) pid=$(pid_of "worker 1 rank 1 pid") ;;
    nursery) pid=$(parent_of "$(pid_of "worker 1 rank 1 pid")") ;;
    rank) pid=$(parent_of "$(parent_of "$(pid_of "worker 1 rank 1 pid")")") ;;
    esac
    named
    kill -9 "$pid" || return 1
    wait "$job"
    status=$?
    gone $((5 * ${PINFOLD_TEST_PATIENCE:-1})) || return 1
    [ "$status" -ne 0 ]
}
check "behaviour 22: rank 1 is killed: no process is left after 5 s" victim rank "$@"
check "and one line says who it was" ours fault 'rank 1 of 3 on .* ended with its pool open'
check "behaviour 22: the nursery of rank 1 is killed: no process is left after 5 s" \
    victim nursery "$@"
check "behaviour 22: rank 1, not isolated, is killed: no process is left after 5 s" \
    victim worker --isolate off "$@"
check "behaviour 22: rank 0 is killed: no process is left after 5 s" victim driver "$@"
check "behaviour 22: and no shared memory" no_memory
check "behaviour 22: mpirun is killed: no process is left after 5 s" victim mpirun "$@"

terminated() {
    signal=$1
    shift
    spinning "$@" || return 1
    kill "-$signal" "$job"
    wait "$job"
    gone 10
}
check "mpirun is terminated" terminated TERM "$@"

# fails LINE COMMAND...: not 0, in time, nobody left; the line was said.
fails() {
    line=$1
    shift
    ends 40 "$mpirun" $oversubscribe "$@" || return 1
    gone 10 || return 1
    [ "$ended" -ne 0 ] || { echo "status 0"; return 1; }
    [ -z "$line" ] || grep -Eq "$line" "$work/out" || { cat "$work/out" "$work/err"; return 1; }
}
goes_on() {
    line=$1
    shift
    ends 40 "$mpirun" $oversubscribe "$@" || return 1
    gone 5 || return 1
    [ "$ended" -eq 0 ] || { echo "status $ended"; cat "$work/err"; return 1; }
    grep -Eq "$line" "$work/out" || { cat "$work/out" "$work/err"; return 1; }
}
check "a task calls exit on a rank: its item fails" goes_on '^map -203 ' -np 3 "$fault" exit "$@"
check "a task on a rank never returns: close ends it" \
    goes_on '^close 0 after [0-3] s' -np 3 "$fault" hang --grace 1 "$@"
check "the same: other workers went on" grep -q '^next 0$' "$work/out"
check "a task calls exit on a rank that is not isolated: the job ends" \
    fails "" -np 3 "$fault" exit --isolate off "$@"
check "a task on a rank that is not isolated never returns: close says so, and the job ends" \
    fails '^close -405 after [123] s' -np 3 "$fault" hang --isolate off --grace 1 "$@"
check "the same: other workers went on" grep -q '^next 0$' "$work/out"
check "ranks that do not come to the next open: time out, and the job ends" \
    fails '^open -104 .*did not come' -np 3 "$fault" absent "$@"
isolated() {
    ends 60 "$mpirun" $oversubscribe -np "$1" "$fault" segfaults "$@" && [ "$ended" -eq 0 ] &&
        grep -q '^wrong 0$' "$work/out" && gone 5
}
for np in 1 2 3; do
    check "1,000 segmentation faults, np $np" isolated $np "$@"
done
losses() {
    FAULT_ITEMS=1000 ends 60 "$mpirun" $oversubscribe -np 3 "$fault" losses "$@" &&
        [ "$ended" -eq 0 ] && grep -q '^wrong 0 of 1000$' "$work/out" && gone 5
}
if memory_is_limited; then
    check "every way to die in one map: each item has its cause, all others are right" \
        losses --memory-limit 64M "$@"
else
    check "every way to die but for want of memory: each item has its cause" losses "$@"
fi
nursery() {
    ends 60 "$mpirun" $oversubscribe -np 2 "$fault" hang --isolate off --grace 1 --driver only "$@" &&
        gone 5
}
check "driver only: the one worker never returns, and the job ends" nursery "$@"
leave() {
    ends 60 "$mpirun" $oversubscribe -np 3 "$fault" leave "$@" && [ "$ended" -eq 0 ] && gone 5
}
check "the driver exits with its pool open" leave "$@"

done_testing
