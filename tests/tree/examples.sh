#!/bin/sh
# The examples in the manual: each page of section 3 has a program, and beneath it what it prints.
# They are compiled and run here.
# SPDX-License-Identifier: BSD-3-Clause
. "${top_srcdir:-.}/tests/lib.sh"

: "${CC:=cc}"
command -v "${CC%% *}" >/dev/null || skip_all "the compiler $CC is gone"
[ "$(made PF_SANITIZERS)" = no ] || skip_all "built with sanitizers, which programs would need too"
libs=$top_builddir/.libs
LD_LIBRARY_PATH=$libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
PINFOLD_WORKERS=2
export LD_LIBRARY_PATH PINFOLD_WORKERS
unset PINFOLD_BACKEND PINFOLD_PLACES PINFOLD_DRIVER PINFOLD_CPUS_PER_TASK

# block N PAGE: the Nth display of its EXAMPLE, with groff's escapes undone.
block() {
    awk -v wanted="$1" '
    /^\.SH / { inside = $2 == "EXAMPLE"; next }
    inside && /^\.EX$/ { shown = ++n == wanted; next }
    /^\.EE$/ { shown = 0 }
    shown' "$2" |
        sed "s/^\\\\&//; s/\\\\(aq/'/g; s/\\\\(ha/^/g; s/\\\\(ti/~/g; s/\\\\(ga/\`/g; s/\\\\-/-/g; s/\\\\e/\\\\/g"
}

uses_mpi() { grep -q '^#include <pinfold_mpi.h>' "$1"; }

builds() {
    block 1 "$2" >"$work/$1.c"
    block 2 "$2" >"$work/$1.expected"
    mpi_cflags=''
    mpi_libs=''
    if uses_mpi "$2"; then
        mpi_cflags=$(made MPI_CFLAGS)
        mpi_libs=$(made MPI_LIBS)
    fi
    [ -s "$work/$1.c" ] && [ -s "$work/$1.expected" ] || { echo "no program, or no output"; return 1; }
    if [ -e "$libs/libpinfold.so" ]; then
        set -- "$1" "$libs/libpinfold.so"
    else
        # shellcheck disable=SC2046 # libraries are words
        set -- "$1" "$libs/libpinfold.a" $(made HWLOC_LIBS) $(made MPI_LIBS) -ldl -lpthread
    fi
    program=$work/$1
    shift
    # shellcheck disable=SC2086 # compilers may have arguments
    $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$top_srcdir/lib" $mpi_cflags "$program.c" -o "$program" \
        "$@" $mpi_libs -lm
}
# lacks_random123 PAGE: its program needs what is not installed.
lacks_random123() {
    block 1 "$1" | grep -q '^#include <pinfold_random.h>' &&
        ! echo '#include <Random123/philox.h>' | $CC -E - >/dev/null 2>&1
}
# prints NAME COMMAND...: it succeeds and prints what the page says.
prints() {
    name=$1
    shift
    "$@" "$work/$name" >"$work/$name.out" </dev/null || return 1
    diff "$work/$name.expected" "$work/$name.out"
}

for page in "$top_srcdir"/lib/man/*.3; do
    name=$(basename "$page" .3)
    if uses_mpi "$page" && [ -z "$mpi_name" ]; then
        skip "the example of $name(3) compiles and runs" "built without MPI"
        continue
    fi
    if lacks_random123 "$page"; then
        skip "the example of $name(3)" "the headers of Random123 are not installed"
        continue
    fi
    check "the example of $name(3) compiles" builds "$name" "$page"
    for backend in inline processes; do
        check "it prints what the page says: $backend" prints "$name" env "PINFOLD_BACKEND=$backend"
    done
    if [ -n "$mpirun" ]; then
        check "it prints what the page says: on two ranks" prints "$name" mpi 2
    else
        skip "it prints what the page says: on two ranks" "no MPI, or no mpirun"
    fi
done
done_testing
