#!/bin/sh
# nqueens: the published counts, and the same bytes under every way to start it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"

nqueens=$bin/nqueens
cd "$work" || exit 1

# counts N WAYS COMMAND...: all that it prints.
counts() {
    counts_n=$1 counts_ways=$2
    shift 2
    printf '%s queens: %s ways\nVERIFICATION SUCCESSFUL\n' "$counts_n" "$counts_ways" >expected
    "$@" "$counts_n" >out 2>err || { cat out err; return 1; }
    cmp expected out
}
n=0
for ways in 1 0 0 2 10 4 40 92 352 724 2680 14200 73712 365596; do
    n=$((n + 1))
    check "$n queens" counts $n $ways "$nqueens"
done
for backend in inline threads processes; do
    for workers in 1 2 3 5; do
        [ $backend != inline ] || [ $workers -eq 1 ] || continue
        check "12 queens, $backend, $workers workers" counts 12 14200 "$nqueens" \
            --backend $backend --workers $workers --oversubscribe allow
    done
done
if [ -n "$mpirun" ]; then
    for np in 1 2 3 5; do
        check "12 queens, np $np" counts 12 14200 mpi $np "$nqueens"
    done
    check "14 queens, np 2" counts 14 365596 mpi 2 "$nqueens"
else
    skip "12 queens under mpirun" "built without MPI"
fi
for depth in 1 2 5 9; do
    check "9 queens, tasks down to row $depth" counts 9 352 "$nqueens" --depth $depth
done

refused() {
    complains 2 nqueens "$@"
}
check "no N" refused 'one N is wanted' "$nqueens"
check "two" refused 'one N is wanted' "$nqueens" 4 5
for n in 0 28 -1 x 4x 99999999999; do
    check "N is not $n" refused 'N is 1 to 27, not ' "$nqueens" -- $n
done
check "--depth is not 0" refused '--depth wants rows' "$nqueens" --depth 0 4
check "nor more than N" refused 'there are fewer rows' "$nqueens" --depth 5 4
full() {
    complains 1 nqueens 'standard output: ' sh -c '"$0" 4 >/dev/full' "$nqueens"
}
check "a full disk is one line, and status 1" full
done_testing
