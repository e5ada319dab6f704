#!/bin/sh
# checksum: the bytes of `find | sort | xargs sha256sum`, under every way to start it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"

checksum=$bin/checksum
[ -x "$checksum" ] || skip_all "built without libcrypto"

# ---- The trees ------------------------------------------------------------------------------
tree=$work/tree
mkdir -p "$tree/sub/deeper" "$tree/with space" "$tree/empty directory" "$tree/-n"
cd "$tree" || exit 1
: >empty
printf 'no newline' >plain
echo hidden >.hidden
echo dash >-dash
echo dashes >--help
echo star >'*'
echo quotes >"it's \"quoted\""
echo spaces >'  two  '
echo utf8 >'Grüße 漢字'
printf x >"$(printf 'not utf8 \377')"
printf x >"$(printf 'tab\there')"
echo deep >'sub/deeper/still deeper'
echo prefix >'sub.txt'
echo prefix >'sub-'
echo 'in -n' >'-n/file'
awk 'BEGIN { for (i = 0; i < 40000; i++) print i, i * i }' >'with space/large'
for size in 1 55 56 63 64 65 65535 65536 65537; do
    head -c $size 'with space/large' >"sub/$size"
done
ln -s plain link
ln -s sub linked
ln -s nowhere dangling
ln "plain" hard
mkfifo pipe
cd "$work" || exit 1

names=$work/names
mkdir "$names"
printf 1 >"$names/$(printf 'new\nline')"
printf 2 >"$names/"'back\slash'
printf 3 >"$names/$(printf 'both \\ and\n.')"
printf 4 >"$names/plain"
printf 5 >"$names/"'\n'
# Not all versions of sha256sum escape a carriage return.
case $(printf x >"$work/$(printf 'c\rr')" && cd "$work" && sha256sum c?r) in
\\*) printf 6 >"$names/$(printf 'carriage\rreturn')" ;;
esac

# expected PATH...: what the reference prints. By lines, as in the manual, and for names with
# newlines the same by NULs.
expected() {
    find "$@" -type f | LC_ALL=C sort | xargs -d '\n' sha256sum
}
expected0() {
    find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}

# equal EXPECTED COMMAND...
equal() {
    equal_to=$1
    shift
    "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    cmp "$equal_to" "$work/out"
}

in_tree() {
    (cd "$tree" && "$@")
}

# checks PREFIX LAUNCH...: the equalities, started in this way.
checks() {
    way=$1
    shift
    check "$way: awkward names" equal "$work/tree.sum" "$@" "$checksum" tree
    check "$way: escaped names" equal "$work/names.sum" "$@" "$checksum" names
}

expected tree >"$work/tree.sum"
expected0 names >"$work/names.sum"

# ---- The same bytes --------------------------------------------------------------------------
checks "without a launcher" env
check "one worker" equal "$work/tree.sum" "$checksum" --workers 1 tree
check "inline" equal "$work/tree.sum" "$checksum" --backend inline tree
check "inline, escaped names" equal "$work/names.sum" "$checksum" --backend inline names
check "eight workers" \
    equal "$work/tree.sum" "$checksum" --workers 8 --oversubscribe allow tree
if [ -n "$mpirun" ]; then
    for np in 1 2 3 5; do
        checks "np $np" mpi $np
    done
else
    skip "under mpirun" "built without MPI"
fi

if [ -d /usr/include ]; then
    expected /usr/include >"$work/include.sum"
    check "/usr/include" equal "$work/include.sum" "$checksum" /usr/include
    [ -z "$mpirun" ] ||
        check "/usr/include, np 2" equal "$work/include.sum" mpi 2 "$checksum" /usr/include
else
    skip "/usr/include" "there is none"
fi

# as_find PATH...: the names are kept as they were typed.
as_find() {
    expected "$@" >"$work/sum" && equal "$work/sum" "$checksum" "$@"
}
check "a trailing slash" as_find tree/
check "two trailing slashes" as_find tree/sub//
check "the directory at hand" in_tree as_find .
check "a file" as_find tree/plain
check "several paths, one of them twice" as_find tree/sub names/plain tree/sub ./tree/plain
check "a link's trailing slash follows it" as_find tree/linked/
check "a name that begins with a dash" in_tree as_find ./-dash ./-n
dashes() {
    (cd "$tree" && "$checksum" -- -dash --help -n) >"$work/out" || return 1
    cut -c 67- "$work/out" >"$work/found"
    printf '%s\n' --help -dash -n/file | cmp - "$work/found"
}
check "after -- there are only paths" dashes
checked() {
    "$checksum" tree names >"$work/sums" && sha256sum --quiet -c "$work/sums"
}
check "sha256sum -c takes it" checked

# nothing COMMAND...: no output, status 0
nothing() {
    "$@" >"$work/out" 2>"$work/err" || return 1
    [ ! -s "$work/out" ] && [ ! -s "$work/err" ]
}
check "an empty directory" nothing "$checksum" "tree/empty directory"
check "a link is not followed" nothing "$checksum" tree/linked
check "a dangling link is nothing" nothing "$checksum" tree/dangling
check "a pipe is not waited for" nothing "$checksum" tree/pipe

# ---- What cannot be read ---------------------------------------------------------------------
# incomplete PATTERN COMMAND...: status 1, one line of ours that has the pattern, and tree/sub.
expected tree/sub >"$work/sub.sum"
incomplete() {
    incomplete_pattern=$1
    shift
    status 1 "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    grep 'checksum: ' "$work/err" >"$work/ours"
    one_line "$work/ours" "$incomplete_pattern" && cmp "$work/sub.sum" "$work/out"
}
gone='^checksum: no such: No such file or directory$'
# A file that even root opens, and cannot read.
broken='^checksum: /proc/self/mem: Input/output error$'
check "a missing path is named, the others go on" \
    incomplete "$gone" "$checksum" "no such" tree/sub
check "a path below a file" \
    incomplete '^checksum: tree/plain/x: Not a directory$' "$checksum" tree/plain/x tree/sub
check "an empty path" \
    incomplete "^checksum: '': No such file or directory\$" "$checksum" "" tree/sub
check "the name of a missing path stays on one line" \
    incomplete '^checksum: new\\nline: No such' "$checksum" "$(printf 'new\nline')" tree/sub
check "a file that breaks while it is read is named, the others go on" \
    incomplete "$broken" "$checksum" tree/sub /proc/self/mem
check "the same inline" \
    incomplete "$broken" "$checksum" --backend inline tree/sub /proc/self/mem
if [ -n "$mpirun" ]; then
    check "np 3: a missing path is named once" \
        incomplete "$gone" mpi 3 "$checksum" --oversubscribe allow "no such" tree/sub
    check "np 3: a broken file is named once" \
        incomplete "$broken" mpi 3 "$checksum" --oversubscribe allow tree/sub /proc/self/mem
fi

# Permissions do not stop root, so this part runs as somebody else where it can.
closed=$work/closed
mkdir "$closed" "$closed/locked"
cp -R "$tree/sub" "$closed/"
echo secret >"$closed/secret"
echo secret >"$closed/locked/file"
chmod 0 "$closed/secret" "$closed/locked"
chmod 755 "$work"
if [ "$(id -u)" -ne 0 ]; then
    somebody="env"
else
    somebody="setpriv --reuid=65534 --regid=65534 --clear-groups"
    cp "$checksum" "$work/checksum"
    checksum=$work/checksum
fi
locked() {
    # shellcheck disable=SC2086 # words
    (cd "$closed" && status 1 $somebody "$checksum" .) >"$work/out" 2>"$work/err" || return 1
    (cd "$closed" && expected ./sub) | cmp - "$work/out" || return 1
    sort "$work/err" >"$work/sorted"
    printf 'checksum: ./%s: Permission denied\n' locked secret | cmp - "$work/sorted"
}
# shellcheck disable=SC2086 # words
if $somebody "$checksum" --help >/dev/null 2>&1; then
    check "a locked file and a locked directory are named, the others go on" locked
else
    skip "a locked file and a locked directory are named" "cannot run as somebody else"
fi
checksum=$bin/checksum

# ---- Bad usage, a full disk ------------------------------------------------------------------
full() {
    status 1 "$@" >/dev/full 2>"$work/err" || { cat "$work/err"; return 1; }
    one_line "$work/err" '^checksum: standard output: No space left on device$'
}
check "a full disk is one line and status 1" full "$checksum" tree
check "a full disk, with little to write" full "$checksum" tree/plain

refused() {
    complains 2 checksum "$@"
}
refusals() {
    way=$1
    shift
    check "$way: no path" refused PATH "$@" "$checksum"
    check "$way: an unknown option" refused no-such "$@" "$checksum" --no-such tree
    check "$way: an unknown letter" refused "'z'" "$@" "$checksum" -z tree
    check "$way: --workers 0" refused workers "$@" "$checksum" --workers 0 tree
    check "$way: --backend nonsense" refused backend "$@" "$checksum" --backend nonsense tree
}
refusals "refused" env
if [ -n "$mpirun" ]; then
    refusals "refused, np 3" mpi 3
    mpi 3 "$checksum" --help >"$work/help" 2>&1
    "$checksum" --help >"$work/alone"
    check "np 3: --help is printed once" cmp "$work/help" "$work/alone"
fi
check "--help shows its own words and Pinfold's" \
    sh -c '"$1" --help | grep -q "PATH\.\.\." && "$1" --help | grep -q -- --workers' - "$checksum"

done_testing
