#!/bin/sh
# The conformance suite on threads of the driver's process.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"

for n in ${EVERY_NP:-1 2 3 5}; do
    most_for $n
    every "$n threads" \
        "$every" --expect $n --backend threads --workers $n --oversubscribe allow
    check "$n threads: behaviours 1 to 15, 18 to 24 have tests of that name" all_behaviours
done

done_testing
