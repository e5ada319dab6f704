#!/bin/sh
# The scripts: POSIX sh without complaints, help for who asks, one line for who errs.
. "${top_srcdir:-.}/tests/lib.sh"
cd "$top_srcdir" || bail "no source tree"

# All files of a folder that begin with #!/bin/sh or #!/usr/bin/env sh.
shell_scripts() {
    find scripts tests .ci -type f -perm -u+x 2>/dev/null | LC_ALL=C sort | while read -r file; do
        head -n 1 "$file" | tr -d '\0' | grep -q '^#!.*[/ ]sh$' && echo "$file"
    done
}
shell_scripts >"$work/list"
each_parses() {
    bad=0
    while read -r file; do
        sh -n "$file" || bad=1
    done <"$work/list"
    return "$bad"
}
check "every script parses" each_parses
if command -v shellcheck >/dev/null; then
    # shellcheck disable=SC2046 # names without spaces
    check "shellcheck has no complaint" shellcheck -x -S warning $(cat "$work/list")
else
    skip "shellcheck has no complaint" "shellcheck is not installed"
fi

# helps SCRIPT: --help is a text on stdout, another option one line on stderr and status 2.
helps() {
    "$1" --help >"$work/out" 2>"$work/err" </dev/null || { echo "status $? of --help"; return 1; }
    if [ ! -s "$work/out" ] || [ -s "$work/err" ]; then
        echo "--help on the wrong stream"
        return 1
    fi
    status 2 "$1" --no-such-option >"$work/out" 2>"$work/err" </dev/null || { cat "$work/err"; return 1; }
    [ ! -s "$work/out" ] || { echo "an error on stdout"; return 1; }
    one_line "$work/err" .
}
for script in scripts/*; do
    [ -f "$script" ] || continue
    check "$script knows --help, and refuses what it does not know" helps "$script"
done
done_testing
