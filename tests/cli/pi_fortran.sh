#!/bin/sh
# pi_fortran: tasks in Fortran, and the same bytes under every way to start them.
# SPDX-License-Identifier: BSD-3-Clause
. "${top_srcdir:=.}/tests/lib.sh"
# Fortran's strings have no end, and its runtime gives them to strndup with their length.
[ -z "${ASAN_OPTIONS-}" ] || export ASAN_OPTIONS="$ASAN_OPTIONS:strict_string_checks=0"

pi=$bin/pi_fortran
[ -x "$pi" ] || skip_all "built without a Fortran compiler"
cd "$work" || exit 1

# Pairwise summation of 2^25 terms, and a midpoint rule that is off by 1e-16.
right() {
    "$@" >out 2>err || { cat out err; return 1; }
    [ ! -s err ] || { cat err; return 1; }
    cat out
    [ "$(wc -l <out)" -eq 1 ] && grep -Eqx 'pi = 3\.14159265358979[234]' out
}
check "inline it is pi" right "$pi" --backend inline
cp out expected
same() {
    right "$@" && cmp expected out
}
check "without a launcher, the same bytes" same "$pi"
for n in 1 2 3; do
    check "$n processes, the same bytes" same "$pi" --workers $n --oversubscribe allow
done
check "threads, the same bytes" same "$pi" --backend threads --workers 2 --oversubscribe allow
if [ -n "$mpirun" ]; then
    check "np 2, the same bytes" same mpi 2 "$pi" --oversubscribe allow
    check "np 2: an option too many" \
        complains 2 pi_fortran no-such mpi 2 "$pi" --no-such --oversubscribe allow
else
    skip "under mpirun" "built without MPI"
fi
check "an unknown option" complains 2 pi_fortran no-such "$pi" --no-such
check "a word too many" complains 2 pi_fortran 'only options' "$pi" nonsense
check "a bad number of workers" complains 2 pi_fortran workers "$pi" --workers 0
full() {
    status 1 "$pi" >/dev/full 2>err || { cat err; return 1; }
    one_line err '^pi_fortran: standard output: No space left on device$'
}
check "a full disk is one line and status 1" full
check "--help is Pinfold's" sh -c '"$1" --help | grep -q -- --workers' - "$pi"

done_testing
