#!/bin/sh
# make install, and what a stranger does then: builds programs against what was installed, finds
# the manual, and takes it all away again.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 600
. "${top_srcdir:-.}/tests/lib.sh"

[ ! -e "$top_srcdir/config.status" ] || skip_all "the source tree itself is configured"
[ "$(made PF_SANITIZERS)" = no ] || skip_all "built with sanitizers, which programs would need too"
prefix=$work/prefix
log=$work/log

# A build of its own, as its prefix is its own; configured as the one that is tested. configure
# takes no spaces in the path of its sources, so it comes from a folder without.
ln -s "$top_srcdir" "$work/source"
mkdir "$work/build"
# shellcheck disable=SC2120 # eval sets the arguments
builds() (
    cd "$work/build" || exit 1
    eval "set -- $("$top_builddir/config.status" --config)"
    ../source/configure "$@" --srcdir=../source --prefix="$prefix" || exit 1
    make -j2 install
)
# shellcheck disable=SC2119
builds >"$log" 2>&1 </dev/null || {
    tail -n 40 "$log" | sed 's/^/# /'
    bail "configure --prefix=... && make install failed"
}
only_pinfold() {
    ls "$prefix/bin"
    [ "$(ls "$prefix/bin")" = pinfold ]
}
check "bin/ has pinfold and nothing else" only_pinfold
check "the installed command runs" "$prefix/bin/pinfold" topo --format tsv
# pinfold_mpi.h is where MPI is.
headers() {
    (cd "$prefix/include" && find . -type f | sort) >"$work/installed"
    (cd "$top_srcdir/lib" && find . -maxdepth 1 -name 'pinfold*.h' | sort) >"$work/public"
    [ -n "$mpi_name" ] || sed -i '/pinfold_mpi\.h/d' "$work/public"
    diff "$work/public" "$work/installed"
}
check "the public headers are installed, and no other" headers
pages() {
    for page in man1/pinfold.1 man3/pinfold_map.3 man7/pinfold.7; do
        [ -s "$prefix/share/man/$page" ] || { echo "no $page"; return 1; }
    done
    command -v man >/dev/null || return 0
    man -M "$prefix/share/man" -w 7 pinfold && man -M "$prefix/share/man" -w 1 pinfold
}
check "the manual pages are found" pages
# A page for every function, its own or one that points to another which is there.
calls() {
    sed -n 's/^ *\(pinfold[a-z0-9_]*\);$/\1/p' "$top_srcdir/lib/pinfold.map" >"$work/functions"
    while read -r name; do
        page=$prefix/share/man/man3/$name.3
        target=$(sed -n '1s/^\.so //p' "$page") || { echo "no $name.3"; continue; }
        [ -z "$target" ] || [ -s "$prefix/share/man/$target" ] || echo "$name.3: no $target"
    done <"$work/functions" >"$work/out" 2>&1
    cat "$work/out"
    [ -s "$work/functions" ] && [ ! -s "$work/out" ]
}
check "there is a page for every function" calls
reads() {
    command -v man >/dev/null || return 0
    man -M "$prefix/share/man" -P cat 3 pinfold_map_range 2>&1 | grep -q 'less than a microsecond'
}
check "the page of a function that shares one is read" reads
for document in README.md NEWS.md LICENSE; do
    check "$document is in the documentation" test -s "$prefix/share/doc/pinfold/$document"
done

# Programs against it, by pkg-config alone.
command -v "${PKG_CONFIG:=pkg-config}" >/dev/null || bail "no pkg-config"
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG PKG_CONFIG_PATH
check "pkg-config knows the version" \
    test "$("$PKG_CONFIG" --modversion pinfold)" = "$(made PACKAGE_VERSION)"
no_mpi_in() {
    "$PKG_CONFIG" --libs "$@" pinfold >"$work/libs"
    cat "$work/libs"
    ! grep -Eq -- '-l(mpi|mpich|hwloc)' "$work/libs"
}
check "who links with the shared library names no other" no_mpi_in
[ -n "$mpi_name" ] || check "without MPI none is named for the static one" \
    sh -c '! "$PKG_CONFIG" --libs --static pinfold | grep -- -lmpi'

# installed PROGRAM...: with the installed library; one that hangs fails by itself.
installed() { LD_LIBRARY_PATH=$prefix/lib timeout 60 "$@"; }

# consumes NAME LIBS-OPTION COMPILER...: builds map.c and runs it on two local workers.
consumes() {
    name=$1
    option=$2
    shift 2
    # shellcheck disable=SC2046 # flags are a list of words
    set -- "$@" $("$PKG_CONFIG" --cflags pinfold) "$top_srcdir/tests/install/map.c" -o "$work/$name"
    libs=$("$PKG_CONFIG" --libs ${option:+"$option"} pinfold)
    [ -z "$option" ] || libs=$(echo "$libs" | sed 's/-lpinfold/-l:libpinfold.a/')
    # shellcheck disable=SC2086
    echo "$@" $libs
    # shellcheck disable=SC2086
    "$@" -x none $libs || return 1
    installed "$work/$name" --workers 2 >"$work/out" || return 1
    cat "$work/out"
    grep -q '^2 workers' "$work/out"
}
uses_shared() { installed ldd "$work/$1" | grep -q 'libpinfold\.so'; }
uses_static() { ! uses_shared "$1"; }

if [ -e "$prefix/lib/libpinfold.so" ]; then
    # shellcheck disable=SC2086 # compilers may have arguments
    check "a C99 program builds and runs with the shared library" \
        consumes c99-shared '' $CC -Wall -Wextra -Werror -std=c99 -x c
    check "and that is what it needs" uses_shared c99-shared
    # shellcheck disable=SC2086
    [ -z "$CXX" ] || check "so does a C++11 program" \
        consumes cxx-shared '' $CXX -Wall -Wextra -Werror -std=c++11 -x c++
    if [ -n "$mpirun" ]; then
        check "it runs under mpirun" installed "$mpirun" $oversubscribe -np 2 "$work/c99-shared"
    fi
else
    skip "programs build and run with the shared library" "built with --disable-shared"
fi
if [ -e "$prefix/lib/libpinfold.a" ]; then
    # shellcheck disable=SC2086
    check "a C99 program builds and runs with the static library" \
        consumes c99-static --static $CC -Wall -Wextra -Werror -std=c99 -x c
    check "and needs no shared one" uses_static c99-static
    # shellcheck disable=SC2086
    [ -z "$CXX" ] || check "so does a C++11 program" \
        consumes cxx-static --static $CXX -Wall -Wextra -Werror -std=c++11 -x c++
else
    skip "programs build and run with the static library" "built with --disable-static"
fi

# A program that uses MPI itself, and so brings the words for it.
comm() {
    name=$1
    shift
    # Without the C++ bindings that some MPIs have: they would need a library of their own.
    # shellcheck disable=SC2046,SC2086 # flags are a list of words
    "$@" -DOMPI_SKIP_MPICXX -DMPICH_SKIP_MPICXX $("$PKG_CONFIG" --cflags pinfold) $MPI_CFLAGS "$top_srcdir/tests/install/comm.c" -x none \
        -o "$work/$name" $("$PKG_CONFIG" --libs pinfold) $(made MPI_LIBS) || return 1
    # shellcheck disable=SC2086 # an empty word must vanish
    installed "$mpirun" $oversubscribe -np 2 "$work/$name" >"$work/out" || return 1
    cat "$work/out"
    grep -q '^2 workers' "$work/out"
}
if [ -n "$mpirun" ] && [ -e "$prefix/lib/libpinfold.so" ]; then
    # shellcheck disable=SC2086 # compilers may have arguments
    check "a C99 program with pinfold_mpi.h builds, and runs on two ranks" \
        comm c99-mpi $CC -Wall -Wextra -Werror -std=c99 -x c
    # shellcheck disable=SC2086
    [ -z "$CXX" ] || check "so does a C++11 program" \
        comm cxx-mpi $CXX -Wall -Wextra -Werror -std=c++11 -x c++
else
    skip "programs with pinfold_mpi.h build and run" "no MPI, no mpirun, or --disable-shared"
fi

# The program in the README, as somebody would copy it.
readme() {
    sed -n '/^```c$/,/^```$/p' "$top_srcdir/README.md" | sed '1d;$d' >"$work/app.c"
    # shellcheck disable=SC2046,SC2086
    $CC "$work/app.c" -o "$work/app" $("$PKG_CONFIG" --cflags --libs pinfold) &&
        [ "$(installed "$work/app" --workers 2)" = "1 4 9 16" ]
}
check "the program in the README builds and runs" readme

# The examples, from where they were installed, as their Makefile says.
examples() {
    cp -r "$prefix/share/doc/pinfold/examples" "$work/examples" && make -C "$work/examples" &&
        installed "$work/examples/hello/hello" --workers 2
}
check "the installed examples build and run" examples
# speaks PROGRAM ARGUMENT...: that of another language, if there was a compiler.
speaks() {
    [ ! -x "$work/examples/$1" ] || (cd "$work/examples" && installed "$@")
}
check "so does the one in C++" speaks ./collatz/collatz 1 10
check "so does the one in Fortran" speaks ./pi_fortran/pi_fortran

# DESTDIR, and the way back.
staged() {
    make -C "$work/build" install DESTDIR="$work/stage" >"$log" 2>&1 || { cat "$log"; return 1; }
    (cd "$work/stage$prefix" && find . -type f | sort) >"$work/staged"
    (cd "$prefix" && find . -type f | sort) >"$work/installed"
    diff "$work/staged" "$work/installed"
}
check "DESTDIR receives the same files" staged
gone() {
    make -C "$work/build" uninstall >"$log" 2>&1 || { cat "$log"; return 1; }
    [ -z "$(find "$prefix" ! -type d)" ] || { find "$prefix" ! -type d; return 1; }
}
check "make uninstall leaves no file" gone
done_testing
