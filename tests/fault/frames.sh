#!/bin/sh
# Faults on purpose: frames that come late or twice change nothing; one that never comes, or comes cut
# short, breaks the pool with one text, and in time.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 400
. "${top_srcdir:=.}/tests/lib.sh"
. "$top_srcdir/tests/every/run.sh"

# with FAULTS "WAY" NOUN...: these parts of the suite, on every backend.
with() {
    PINFOLD_FAULTS=$1 with_way=$2
    export PINFOLD_FAULTS
    shift 2
    every "inline, $with_way" "$every" --expect 1 --backend inline "$@"
    for with_backend in threads processes; do
        every "$with_backend, $with_way" "$every" --expect 3 --backend "$with_backend" \
            --workers 3 --oversubscribe allow "$@"
    done
    [ -z "$mpirun" ] || every "np 3, $with_way" \
        mpi 3 "$every" --expect 3 --backend mpi --oversubscribe allow "$@"
}
with seed=7,delay=0.1,duplicate=0.1 "late and twice" map group stream reduce family large
# What is late waits until the driver looks after its pool, and here one does not: it computes.
with seed=7,duplicate=0.3 "twice" submit

# soak FAULTS BACKEND...: pools with these, each seeded; the last line says how many broke.
soak=$top_builddir/tests/soak/soak
soak() {
    PINFOLD_FAULTS=$1
    soak_backend=$2
    case $soak_backend in
    mpi) mpi 3 "$soak" --seconds 100 --rounds 15 --backend mpi --oversubscribe allow ;;
    *) "$soak" --seconds 100 --rounds 15 --backend "$soak_backend" --workers 3 \
        --oversubscribe allow ;;
    esac >"$work/soak.out" 2>&1
    soak_status=$?
    cat "$work/soak.out"
    return "$soak_status"
}
broke() {
    grep -q ' [1-9][0-9]* pools that broke: as it must be$' "$work/soak.out"
}
for backend in inline threads processes ${mpirun:+mpi}; do
    check "$backend: pools with a few lost frames are right, or break with one text" \
        soak seed=1,drop=0.003,delay=0.02 "$backend"
    check "$backend: and some break" broke
    check "$backend: the same with frames cut short" soak seed=2,truncate=0.003 "$backend"
    check "$backend: and some break" broke
    check "$backend: the same where many are lost, answers to questions as well" \
        soak seed=3,drop=0.1,truncate=0.1 "$backend"
    check "$backend: tasks without memory fail, and nothing else" soak seed=4,memory=0.05 "$backend"
    check "$backend: and no pool breaks" grep -q ' 0 pools that broke' "$work/soak.out"
done
check "workers that die in every 20th task cost those tasks" \
    soak seed=5,crash=20,delay=0.05,duplicate=0.1 processes
check "and no pool breaks" grep -q ' 0 pools that broke' "$work/soak.out"

refused() {
    PINFOLD_FAULTS=$1 "$soak" --rounds 1 --backend inline >"$work/refused.out" 2>&1 && return 1
    grep -q "open: -101: PINFOLD_FAULTS '$1': " "$work/refused.out" || { cat "$work/refused.out"; return 1; }
}
check "a word that makes no sense fails the open, and is named" refused drop=2

done_testing
