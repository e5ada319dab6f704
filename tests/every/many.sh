#!/bin/sh
# The conformance suite on 33 ranks, which need their time to start on a small machine.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 240
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"
need_mpi

every "np 33" mpi 33 "$every" --expect 33 --backend mpi --oversubscribe allow \
    map errors range identity init pools

done_testing
