#!/bin/sh
# A journal cut at every byte of its last 64 KiB: tests/unit/torn with all of its cuts.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 1800
. "${top_srcdir:-.}/tests/lib.sh"
[ -x "$top_builddir/tests/unit/torn" ] || skip_all "no tests/unit/torn was built"
PINFOLD_TEST_CUTS=all
export PINFOLD_TEST_CUTS
check "a journal may be cut at every byte of its last 64 KiB" "$top_builddir/tests/unit/torn"
done_testing
