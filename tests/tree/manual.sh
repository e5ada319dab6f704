#!/bin/sh
# The manual pages: well-formed, and complete.
. "${top_srcdir:-.}/tests/lib.sh"
pages="lib/pinfold.7 apps/pinfold/pinfold.1"

formats() {
    for page in $pages; do
        groff -man -Tutf8 -Kutf8 -ww -rCHECKSTYLE=3 "$top_srcdir/$page" >/dev/null
    done 2>"$work/out"
    cat "$work/out"
    [ ! -s "$work/out" ]
}
lints() {
    for page in $pages; do
        mandoc -T lint -W warning "$top_srcdir/$page"
    done
}
if command -v groff >/dev/null; then
    check "groff formats the pages without a warning" formats
else
    skip "groff formats the pages without a warning" "groff is not installed"
fi
if command -v mandoc >/dev/null; then
    check "mandoc finds no fault in them" lints
else
    skip "mandoc finds no fault in them" "mandoc is not installed"
fi

# plain PAGE: its text, with groff's \- read as -.
plain() { sed 's/\\-/-/g' "$top_srcdir/$1"; }

# Every --word of the help is in the page, and every one in the page is in the help.
documented() {
    "$bin/pinfold" topo --help | grep -Eo -- '--[a-z][a-z-]*' | sort -u >"$work/help"
    [ -s "$work/help" ] || return 1
    plain apps/pinfold/pinfold.1 | sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' |
        grep -Eo -- '--[a-z][a-z-]*' | sort -u >"$work/page"
    comm -3 "$work/help" "$work/page" >"$work/out"
    sed 's/^--.*/&: in --help, not in pinfold(1)/; s/^\t\(.*\)/\1: in pinfold(1), not in --help/' \
        "$work/out"
    [ ! -s "$work/out" ]
}
# Every variable that the library reads is in pinfold(7). The library's names are what it was
# compiled from: strings of that form.
variables() {
    grep -rhEo '"PINFOLD_[A-Z_]+"' "$top_srcdir/lib" --include='*.c' | tr -d '"' | sort -u |
        while read -r name; do
            plain lib/pinfold.7 | grep -Fqw "$name" || echo "$name: not in pinfold(7)"
        done >"$work/out"
    cat "$work/out"
    [ ! -s "$work/out" ]
}
check "pinfold(1) has the options of pinfold topo --help, and no other" documented
check "pinfold(7) has every PINFOLD_ variable" variables

# The version is written in three places.
version() {
    version=$(made PACKAGE_VERSION)
    grep -q "^#define PINFOLD_VERSION  *\"$version\"\$" "$top_srcdir/lib/pinfold.h" &&
        grep -q "^## $version" "$top_srcdir/NEWS.md" &&
        [ "$(echo "$version" | awk -F. '{ print $1 * 10000 + $2 * 100 + $3 }')" = \
            "$(sed -n 's/^#define PINFOLD_VERSION_NUMBER  *//p' "$top_srcdir/lib/pinfold.h")" ]
}
check "configure, header and NEWS have the same version" version
done_testing
