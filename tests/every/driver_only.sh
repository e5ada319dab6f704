#!/bin/sh
# The conformance suite on MPI ranks, where rank 0 is the driver and nothing else.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"
need_mpi

for np in 2 3; do
    most_for $np
    every "np $np, driver only" mpi $np "$every" --expect $((np - 1)) --backend mpi --driver only \
        --oversubscribe allow
done

done_testing
