#!/bin/sh
# The manual pages: well-formed, and complete.
. "${top_srcdir:-.}/tests/lib.sh"
calls=$(cd "$top_srcdir" && echo lib/man/*.3)
pages="lib/pinfold.7 apps/pinfold/pinfold.1 $calls"

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

# in_top COMMAND...: there, where the names of pages have no spaces.
in_top() (
    cd "$top_srcdir" && "$@"
)
# shellcheck disable=SC2086 # words
in_top scripts/man-names $calls >"$work/names"

# Every public function is in the NAME of a page, no name is in two, and all that are there exist.
# Public are those that the library has, and those that a header has inline: but what ends in an
# underscore is not for others.
named() {
    {
        sed -n 's/^ *\(pinfold[a-z0-9_]*\);$/\1/p' "$top_srcdir/lib/pinfold.map"
        sed -n 's/^static inline .*[ *]\(pinfold_[a-z0-9_]*[a-z0-9]\)(.*/\1/p' "$top_srcdir"/lib/pinfold*.h
    } | sort >"$work/map"
    grep -q '^pinfold_map$' "$work/map" && grep -q '^pinfold_random_start$' "$work/map" || return 1
    sed 's/.* //' "$work/names" | sort >"$work/page"
    comm -23 "$work/map" "$work/page" | sed 's/$/: in no NAME/' >"$work/out"
    uniq -d "$work/page" | sed 's/$/: in two/' >>"$work/out"
    while read -r name; do
        grep -Fqw "$name" "$top_srcdir"/lib/pinfold*.h || echo "$name: in no header"
    done <"$work/page" >>"$work/out"
    cat "$work/out"
    [ ! -s "$work/out" ]
}
check "every function is in the NAME of a page, and no name is in two" named

# The declarations of the public headers, without comments and all white space, and the SYNOPSES
# of the pages without that and without groff's words: each of the first is in the second.
declarations() {
    cat "$top_srcdir"/lib/pinfold*.h | awk '
    { text = text $0 "\n" }
    END {
        while (i = index(text, "/*")) {
            j = index(substr(text, i), "*/")
            text = substr(text, 1, i - 1) " " substr(text, i + j + 1)
        }
        n = split(text, line, "\n")
        text = ""
        for (k = 1; k <= n; k++)
            if (line[k] !~ /^[ \t]*#/) text = text line[k]
        n = split(text, part, /[;{}]/)
        for (k = 1; k <= n; k++)
            if (sub(/.*PINFOLD_API/, "", part[k]) ||
                part[k] !~ /_\(/ && sub(/.*static inline/, "", part[k])) {
                sub(/PINFOLD_PRINTF\(.*/, "", part[k])
                gsub(/[ \t]/, "", part[k])
                print part[k] ";"
            }
    }'
}
same_calls() {
    declarations >"$work/declared"
    [ "$(wc -l <"$work/declared")" -ge "$(wc -l <"$work/map")" ] || return 1
    # shellcheck disable=SC2086
    in_top sed -n '/^\.SH SYNOPSIS/,/^\.SH D/s/^\.[A-Z]* //p' $calls | tr -d '" \t\n' >"$work/shown"
    while read -r call; do
        grep -Fq "$call" "$work/shown" || echo "$call"
    done <"$work/declared" >"$work/out"
    cat "$work/out"
    [ ! -s "$work/out" ]
}
check "every SYNOPSIS has the calls as the headers declare them" same_calls

# The codes and their numbers; and the fields of public structs, each in the page of its struct.
codes() {
    sed -n 's/^    X(\([A-Z_]*\), \(-[0-9]*\),.*/PINFOLD_E_\1 " (\2)"/p' "$top_srcdir/lib/pinfold.h" |
        while read -r code; do
            plain lib/man/pinfold_error.3 | grep -Fqx ".BR $code" || echo "$code"
        done >"$work/out"
    cat "$work/out"
    [ ! -s "$work/out" ] && grep -q '^    X(' "$top_srcdir/lib/pinfold.h"
}
fields() {
    awk '
    /^struct [a-z_]* \{/ { name = $2; next }
    /^}/ { name = "" }
    name != "" && /;/ {
        sub(/;.*/, "")
        sub(/\)\(.*/, "")     # a pointer to a function
        gsub(/\[[0-9]*\]|[*(]/, " ")
        n = split($0, word, /[ ,]+/)
        many = index($0, ",") ? 3 : n   # "int a, b": behind the type
        for (i = many; i <= n; i++)
            if (word[i] != "") print name, word[i]
    }' "$top_srcdir/lib/pinfold.h" >"$work/fields"
    [ -s "$work/fields" ] || return 1
    while read -r struct field; do
        page=$(sed -n "s/ $struct\$//p" "$work/names")
        sed -n '/^\.SH DESCRIPTION/,$s/"//gp; /^\.SH DESCRIPTION/,$p' \
            "$top_srcdir/lib/man/$page.3" | grep -q "^\.[IT].*\<$field\>" || echo "$struct: $field"
    done <"$work/fields" >"$work/out"
    cat "$work/out"
    [ ! -s "$work/out" ]
}
check "pinfold_error(3) has every code with its number" codes
check "the page of a struct has all of its fields" fields

# The version is written in three places, and on every page.
version() {
    version=$(made PACKAGE_VERSION)
    # shellcheck disable=SC2086
    in_top grep -L "^\.TH .*\"pinfold $version\"" $pages | grep . && return 1
    grep -q "^#define PINFOLD_VERSION  *\"$version\"\$" "$top_srcdir/lib/pinfold.h" &&
        grep -q "^## $version" "$top_srcdir/NEWS.md" &&
        [ "$(echo "$version" | awk -F. '{ print $1 * 10000 + $2 * 100 + $3 }')" = \
            "$(sed -n 's/^#define PINFOLD_VERSION_NUMBER  *//p' "$top_srcdir/lib/pinfold.h")" ]
}
check "configure, header and NEWS have the same version" version
done_testing
