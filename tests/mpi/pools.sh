#!/bin/sh
# Pools over communicators of the user's.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 240
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"
need_mpi

for np in 1 2 3 5; do
    every "np $np" mpi $np "$top_builddir/tests/mpi/guest" pools
done
every "a program without a launcher" "$top_builddir/tests/mpi/guest" pools

done_testing
