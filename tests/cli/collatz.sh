#!/bin/sh
# collatz: tasks in C++, known answers under every way to start them, and what they throw.
# SPDX-License-Identifier: BSD-3-Clause
. "${top_srcdir:=.}/tests/lib.sh"

collatz=$bin/collatz
[ -x "$collatz" ] || skip_all "built without a C++ compiler"
cd "$work" || exit 1

# same LINE COMMAND...: prints this line, and nothing else is said.
same() {
    echo "$1" >expected
    shift
    "$@" >out 2>err || { cat out err; return 1; }
    [ ! -s err ] || { cat err; return 1; }
    diff expected out
}
# The known records (OEIS A006877 and A006878).
check "1" same "1: 0 steps" "$collatz" --backend inline 1 1
check "up to 10" same "9: 19 steps" "$collatz" --backend inline 1 10
check "up to 100" same "97: 118 steps" "$collatz" 1 100
check "up to 100000" same "77031: 350 steps" "$collatz" --backend threads 1 100000
check "of several that take as many, the least" same "98: 25 steps" "$collatz" 98 102
million="837799: 524 steps"
check "up to a million, inline" same "$million" "$collatz" --backend inline 1 1000000
check "up to a million" same "$million" "$collatz" 1 1000000
for n in 1 2 3; do
    check "up to a million, $n processes" \
        same "$million" "$collatz" --workers $n --oversubscribe allow 1 1000000
done

# thrown COMMAND...: what a task throws is the program's own line.
thrown() {
    complains 1 collatz '18446744073709551610 leaves 64 bits after 1 steps$' \
        "$@" 18446744073709551610 18446744073709551615
}
check "what is thrown on a worker arrives" thrown "$collatz"
check "likewise inline" thrown "$collatz" --backend inline
check "likewise on threads" thrown "$collatz" --backend threads
if [ -n "$mpirun" ]; then
    check "up to a million, np 2" same "$million" mpi 2 "$collatz" --oversubscribe allow 1 1000000
    check "what is thrown arrives, np 2" thrown mpi 2 "$collatz" --oversubscribe allow
    check "np 2: an unknown option" complains 2 collatz no-such mpi 2 "$collatz" --no-such 1 2
else
    skip "under mpirun" "built without MPI"
fi

check "no numbers" complains 2 collatz 'FIRST LAST' "$collatz"
check "a number too many" complains 2 collatz 'FIRST LAST' "$collatz" 1 2 3
check "an unknown option" complains 2 collatz no-such "$collatz" --no-such 1 2
check "a bad number of workers" complains 2 collatz workers "$collatz" --workers 0 1 2
for bad in "0 1" "+1 2" "1x 2" "x 2" "1e3 2" "18446744073709551616 2"; do
    # shellcheck disable=SC2086 # two words
    check "refused: $bad" complains 2 collatz 'FIRST is a number from 1 on' "$collatz" $bad
done
for bad in "2 1" "1 0" "1 x" "1 18446744073709551616"; do
    # shellcheck disable=SC2086 # two words
    check "refused: $bad" complains 2 collatz 'LAST is a number from FIRST on' "$collatz" $bad
done
check "refused: too many numbers" complains 2 collatz 'more than 10000000000' \
    "$collatz" 1 10000000001
full() {
    status 1 "$collatz" 1 10 >/dev/full 2>err || { cat err; return 1; }
    one_line err '^collatz: standard output: No space left on device$'
}
check "a full disk is one line and status 1" full
check "--help shows its own words and Pinfold's" \
    sh -c '"$1" --help | grep -q FIRST && "$1" --help | grep -q -- --workers' - "$collatz"

done_testing
