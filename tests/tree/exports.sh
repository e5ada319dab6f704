#!/bin/sh
# What is exported is what the headers declare, as scripts/check-exports has it.
. "${top_srcdir:-.}/tests/lib.sh"

check "headers, symbol map and library agree" \
    "$top_srcdir/scripts/check-exports" "$top_builddir"

# The check itself: it must see each kind of breach, in a copy of what it reads.
# breach PATTERN COMMAND...: the command spoils the copy, and the check says so.
breach() {
    pattern=$1
    shift
    rm -rf "$work/tree"
    mkdir -p "$work/tree/scripts" "$work/tree/lib" "$work/tree/build/.libs"
    cp "$top_srcdir/scripts/check-exports" "$work/tree/scripts"
    cp "$top_srcdir"/lib/pinfold*.h "$top_srcdir/lib/pinfold.map" "$work/tree/lib"
    cp "$top_builddir/config.h" "$work/tree/build"
    for library in so a; do
        [ ! -e "$top_builddir/.libs/libpinfold.$library" ] ||
            cp "$top_builddir/.libs/libpinfold.$library" "$work/tree/build/.libs"
    done
    chmod -R u+w "$work/tree"
    "$@" || return 1
    "$work/tree/scripts/check-exports" >"$work/out" && { echo "passed"; return 1; }
    grep -q "$pattern" "$work/out" || { cat "$work/out"; return 1; }
}
declare_more() {
    echo 'PINFOLD_API const char *pinfold_more(int a, void (*f)(int));' >>"$work/tree/lib/pinfold.h"
}
map_less() {
    sed -i '/ pinfold_map;/d' "$work/tree/lib/pinfold.map"
}
map_by_pattern() {
    sed -i 's/ pinfold_map;/ pinfold_*;/' "$work/tree/lib/pinfold.map"
}
export_more() {
    echo 'void pinfold_stray(void) {}' >"$work/stray.c"
    # shellcheck disable=SC2086 # CC may have arguments
    $CC -shared -fPIC -o "$work/tree/build/.libs/libpinfold.so" "$work/stray.c"
}
name_badly() {
    echo 'int stray; void other(void) {}' >"$work/stray.c"
    # shellcheck disable=SC2086
    (cd "$work" && $CC -c stray.c) && ar r "$work/tree/build/.libs/libpinfold.a" "$work/stray.o"
}
check "a function that is declared and not listed is named" breach '^pinfold_more: ' declare_more
check "so is one that is listed and not exported" breach '^pinfold_map: .*not in map' map_less
check "a pattern in the map is none of our names" breach 'pinfold_\*: ' map_by_pattern
check "an export that no header declares is named" breach '^pinfold_stray: ' export_more
check "so is a global name without our prefix" breach '^other: ' name_badly
done_testing
