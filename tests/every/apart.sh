#!/bin/sh
# The conformance suite with a pool of rank 0's own under a launcher: the other ranks come to each
# open, and have no part in it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"
need_mpi

for backend in processes threads; do
    every "np 2, $backend of rank 0" mpi 2 "$every" --expect 3 --backend $backend --workers 3 \
        --oversubscribe allow map errors range identity timeout pools
done

done_testing
