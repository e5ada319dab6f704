#!/bin/sh
# A program that starts and ends MPI itself: in every order there is.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 240
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/fault/run.sh"
need_mpi
guest=$top_builddir/tests/mpi/guest

# lives NP MODE [WHO]: to a peaceful end, and silently.
lives() {
    lives_np=$1
    shift
    # shellcheck disable=SC2086 # an empty word must vanish
    ends 40 "$mpirun" $oversubscribe -np "$lives_np" "$guest" "$1" "${2:-0}" "$mark" && gone 5 || return 1
    [ "$ended" -eq 0 ] && ! grep -q '^[#g]' "$work/err" && return 0
    echo "status $ended"
    cat "$work/out" "$work/err"
    return 1
}
# says STATUS PATTERN NP MODE [WHO]: so, and in one line of its own. STATUS may be "bad": not 0.
says() {
    says_status=$1 says_pattern=$2 says_np=$3
    shift 3
    # shellcheck disable=SC2086 # an empty word must vanish
    ends 40 "$mpirun" $oversubscribe -np "$says_np" "$guest" "$1" "${2:-0}" "$mark" && gone 10 || return 1
    if [ "$says_status" = bad ]; then
        [ "$ended" -ne 0 ] || { echo "status 0"; return 1; }
    else
        [ "$ended" -eq "$says_status" ] || { echo "status $ended"; cat "$work/err"; return 1; }
    fi
    grep -a '^# ' "$work/err" && return 1
    ours guest "$says_pattern"
}

for np in 1 2 3 5; do
    check "np $np: pinfold_pool_open after MPI_Init" lives $np up
    check "np $np: the same, with pinfold_prepare before it" lives $np prepared
    check "np $np: MPI_Finalize ends pools over halves that are open" lives $np left 0
    check "np $np: MPI_Finalize ends the usual pool that is open" lives $np left 1
    check "np $np: MPI_Finalize ends them behind a usual one" lives $np left 2
done
check "MPI_Finalize of an MPI that Pinfold started" lives 3 ours
check "an MPI that a plain MPI_Init started will do" lives 3 single
alone() {
    ends 40 "$guest" "$@" "$mark" && gone 5 && [ "$ended" -eq 0 ] && return 0
    cat "$work/err"
    return 1
}
check "without a launcher: prepare, local pools of each kind, MPI_Init" alone prepared
check "without a launcher: MPI_Finalize ends what is open" alone left

check "a communicator before MPI is started: one line" says 0 'MPI is not started: call' 1 unstarted
check "another thread than the one that started MPI: one line" says 0 'this thread did not start' 2 thread
check "MPI is finalized: one line" says 0 'MPI has been finalized' 2 ended
check "pinfold_prepare after MPI_Init: one line" says 0 'before MPI_Init' 2 late-prepare

check "the driver comes too late: a time-out for all, and an end" \
    says bad 'in time.* .open-timeout' 3 late 0
check "a worker comes too late: a time-out for all, and an end" \
    says bad 'in time.* .open-timeout' 3 late 2
check "the driver comes too late to pinfold_pool_open: the same" \
    says bad 'in time.* .open-timeout' 3 late-usual 0
check "a worker comes too late to it: the same" says bad 'in time.* .open-timeout' 3 late-usual 1
# shellcheck disable=SC2086 # an empty word must vanish
aborted() {
    ends 40 "$mpirun" $oversubscribe -np 3 "$guest" exits 0 "$mark" && gone 10 && [ "$ended" -ne 0 ]
}
check "a task calls exit on a rank of a communicator: the job ends" aborted

done_testing
