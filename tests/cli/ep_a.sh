#!/bin/sh
# ep A: 2^28 pairs, verified, the same bits under every way to start it. For `make check-slow`.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 300
. "${top_srcdir:=.}/tests/lib.sh"

cd "$work" || exit 1

verifies() {
    "$@" A >out 2>err || { cat out err; return 1; }
    cat out
    grep -qx 'VERIFICATION SUCCESSFUL' out || return 1
    grep -E '^(sx|sy) = |^[0-9] [0-9]' out >new
    [ -f sums ] || cp new sums
    cmp sums new
}

check "A verifies without a launcher" verifies "$bin/ep"
check "A, inline, the same bits" verifies "$bin/ep" --backend inline
if [ -n "$mpirun" ]; then
    for np in 1 2 3 5; do
        check "A, np $np, the same bits" verifies mpi $np "$bin/ep"
    done
else
    skip "A under mpirun" "built without MPI"
fi

done_testing
