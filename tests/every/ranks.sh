#!/bin/sh
# The conformance suite on MPI ranks, rank 0 with a worker of its own.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 300
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"
need_mpi

for np in ${EVERY_NP:-1 2 3 5}; do
    most_for $np
    every "np $np" mpi $np "$every" --expect $np --backend mpi --oversubscribe allow
    check "np $np: behaviours 1 to 15, 18 to 24 have tests of that name" all_behaviours
done
# Ranks that run their tasks themselves: what is about their processes, and about what runs there.
most_for 3
every "np 3, not isolated" mpi 3 "$every" --expect 3 --backend mpi --oversubscribe allow --isolate off \
    options map errors range large memory identity nest module timeout crash init pools submit stream \
    reduce family term limit retry early journal memory_limit

done_testing
