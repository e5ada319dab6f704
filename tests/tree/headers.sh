#!/bin/sh
# Every header compiles alone, as scripts/check-headers has it.
. "${top_srcdir:-.}/tests/lib.sh"

command -v "${CC%% *}" >/dev/null || skip_all "the compiler $CC is gone"
check "every header compiles alone" "$top_srcdir/scripts/check-headers"
# shellcheck disable=SC2086 # compilers may have arguments
echo '#include <Random123/philox.h>' | $CC -E - >/dev/null 2>&1 ||
    skip "pinfold_random.h compiles alone" "Random123 is not installed"
[ -n "$CXX" ] || skip "the public headers compile as C++11" "there is no C++ compiler"

# The check itself: it must see each kind of breach, in a copy of the public header.
mkdir -p "$work/tree/scripts" "$work/tree/lib/base"
cp "$top_srcdir/scripts/check-headers" "$work/tree/scripts"
# breach FILE LINE: the header is named when the line is added at the end of it.
breach() {
    cp "$top_srcdir/lib/pinfold.h" "$work/tree/lib"
    echo 'extern int good;' >"$work/tree/lib/base/good.h"
    [ -z "$1" ] || echo "$2" >>"$work/tree/$1"
    if "$work/tree/scripts/check-headers" >"$work/out"; then
        [ -z "$1" ]
    else
        cat "$work/out"
        [ -n "$1" ] && grep -q "^$1 does not compile alone" "$work/out"
    fi
}
check "sound headers pass" breach '' ''
check "one that is no C99 is named" breach lib/pinfold.h 'struct s { int a; struct { int b; }; };'
[ -z "$CXX" ] || check "so is one that is no C++" breach lib/pinfold.h 'extern int class;'
check "and one that needs another header" breach lib/base/good.h 'extern FILE *file;'
check "and one without a guard" breach lib/base/good.h 'struct s { int a; };'
done_testing
