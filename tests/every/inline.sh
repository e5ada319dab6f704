#!/bin/sh
# The conformance suite inline: in the driver itself.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 60
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"

every "inline" "$every" --expect 1 --backend inline
check "inline: behaviours 1 to 15, 18 to 24 have tests of that name" all_behaviours

done_testing
