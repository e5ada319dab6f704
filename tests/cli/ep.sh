#!/bin/sh
# ep: the published sums, and the same bits under every way to start it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"

ep=$bin/ep
cd "$work" || exit 1

# The lines that may not differ: sums and counts.
sums() {
    grep -E '^(sx|sy) = |^[0-9] [0-9]' "$1"
}

# verifies CLASS COMMAND...: success, and the sums of the first run of that class.
verifies() {
    verifies_class=$1
    shift
    "$@" "$verifies_class" >out 2>err || { cat out err; return 1; }
    cat out
    grep -qx 'VERIFICATION SUCCESSFUL' out || return 1
    grep -Eq '^seconds = [0-9.]+$' out && grep -Eq '^Mop/s = [0-9.]+$' out || return 1
    sums out >"$verifies_class.new"
    [ "$(wc -l <"$verifies_class.new")" -eq 12 ] || return 1
    [ -f "$verifies_class.sums" ] || cp "$verifies_class.new" "$verifies_class.sums"
    cmp "$verifies_class.sums" "$verifies_class.new"
}

check "S verifies without a launcher" verifies S "$ep"
check "S, one worker, the same bits" verifies S "$ep" --workers 1
check "S, five workers, the same bits" verifies S "$ep" --workers 5 --oversubscribe allow
check "S, inline, the same bits" verifies S "$ep" --backend inline
if [ -n "$mpirun" ]; then
    for np in 1 2 3 5; do
        check "S, np $np, the same bits" verifies S mpi $np "$ep"
    done
else
    skip "S under mpirun" "built without MPI"
fi
check "W verifies" verifies W "$ep"
small() {
    "$ep" s >out && sums out | cmp S.sums -
}
check "the class may be a small letter" small

# The parts of a run count what the whole counts.
parts() {
    for i in 1 2 3; do
        "$ep" --part $i/3 S >part.$i || return 1
        ! grep -q VERIFICATION part.$i || return 1
    done
    awk '/^[0-9] [0-9]+$/ { n[$1] += $2 } END { for (l = 0; l < 10; l++) print l, n[l] }' \
        part.1 part.2 part.3 >parts
    grep '^[0-9] ' S.sums | cmp - parts
}
check "three parts are the whole" parts

refused() {
    complains 2 ep "$@"
}
refusals() {
    way=$1
    shift
    check "$way: no class" refused CLASS "$@" "$ep"
    check "$way: an unknown class" refused "not E " "$@" "$ep" E
    check "$way: two classes" refused CLASS "$@" "$ep" S W
    check "$way: an unknown option" refused no-such "$@" "$ep" --no-such S
    check "$way: a bad number of workers" refused workers "$@" "$ep" --workers 0 S
}
refusals "refused" env
for bad in 0/2 3/2 1/0 x 1 1/2/3 1/257; do
    check "refused: --part $bad" refused part "$ep" --part $bad S
done
if [ -n "$mpirun" ]; then
    refusals "refused, np 3" mpi 3
    mpi 3 "$ep" --help >help 2>&1
    "$ep" --help >alone
    check "np 3: --help is printed once" cmp help alone
fi

full() {
    status 1 "$ep" S >/dev/full 2>err || { cat err; return 1; }
    one_line err '^ep: standard output: No space left on device$'
}
check "a full disk is one line and status 1" full

done_testing
