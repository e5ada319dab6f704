#!/bin/sh
# A journal cut at many bytes of its last 64 KiB: tests/unit/torn with more of its cuts, one in 5;
# PINFOLD_TEST_CUTS=1 makes all of them, which takes a quarter of an hour.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 1800
. "${top_srcdir:-.}/tests/lib.sh"
[ -x "$top_builddir/tests/unit/torn" ] || skip_all "no tests/unit/torn was built"
: "${PINFOLD_TEST_CUTS:=5}"
export PINFOLD_TEST_CUTS
check "a journal may be cut anywhere in its last 64 KiB" "$top_builddir/tests/unit/torn"
done_testing
