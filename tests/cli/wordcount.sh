#!/bin/sh
# wordcount: the bytes of the pipeline in its --help, under every way to start it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 180
. "${top_srcdir:=.}/tests/lib.sh"

wordcount=$bin/wordcount

# ---- The trees ------------------------------------------------------------------------------
tree=$work/tree
mkdir -p "$tree/sub/deeper" "$tree/with space" "$tree/empty directory" "$tree/-n"
cd "$tree" || exit 1
: >empty
printf 'no newline at the end' >plain
printf 'and one here that must not be joined' >'plain ' # to the word before it
echo 'Hidden hidden HIDDEN' >.hidden
echo dash >-dash
echo dashes >--help
echo 'A star* is, "it" said; is it? 1st 2nd x2y2z under_score' >'*'
echo "it's" >"it's \"quoted\""
echo 'Grüße aus Köln, 漢字 kanji' >'Grüße 漢字'
printf 'not utf\377eight\200bytes' >"$(printf 'not utf8 \377')"
printf 'new line' >"$(printf 'new\nline')"
printf 'NUL\000in\000the\000middle\r\nof\tit\v\f@[`{lines' >binary
echo deep >'sub/deeper/still deeper'
echo 'in minus n' >'-n/file'
head -c 300000 "$wordcount" >program
# Of 3 MB, more than one piece of every size; and one word that goes over several.
awk 'BEGIN {
    for (i = 1; i < 260000; i++) { x = (x * 1103515245 + 12345) % 2147483648; print "w" substr("aabacadafagahakalamanaoapaqarasat", x % 30 + 1, i % 7), i }
}' >'with space/large'
awk 'BEGIN { printf "short "; for (i = 0; i < 50000; i++) printf "aBcDeFgHiJ"; printf " end" }' >long
i=0
while [ $i -lt 600 ]; do
    echo "small file $i of many" >"sub/$i"
    i=$((i + 1))
done
ln -s plain link
ln -s sub linked
ln -s nowhere dangling
mkfifo pipe
cd "$work" || exit 1

# expected PATH...: what the reference prints.
expected() {
    find "$@" -type f -exec grep -ahoE '[A-Za-z]+' {} + | tr A-Z a-z |
        sort | uniq -c | sort -k1,1nr -k2
}
# The same said by awk, which knows nothing of grep -o; of files without NULs.
said_by_awk() {
    find "$@" -type f -exec sed '' {} \; -exec echo \; | tr A-Z a-z | awk -F '[^a-z]+' '
        { for (i = 1; i <= NF; i++) if ($i != "") n[$i]++ }
        END { for (word in n) printf "%7d %s\n", n[word], word }' | sort -k1,1nr -k2
}

# equal EXPECTED COMMAND...: these bytes, and nothing else is said.
equal() {
    equal_to=$1
    shift
    "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    [ ! -s "$work/err" ] || { cat "$work/err"; return 1; }
    cmp "$equal_to" "$work/out"
}
in_tree() {
    (cd "$tree" && "$@")
}
# as_pipeline PATH...
as_pipeline() {
    expected "$@" >"$work/some" && equal "$work/some" "$wordcount" "$@"
}

# ---- The same bytes --------------------------------------------------------------------------
expected tree >"$work/all" || bail "the reference failed"
[ "$(wc -l <"$work/all")" -gt 500 ] || bail "the reference has few words"
said_by_awk tree/sub tree/plain 'tree/with space' >"$work/by_awk"
check "awk counts the same" \
    equal "$work/by_awk" "$wordcount" tree/sub tree/plain 'tree/with space'

check "without a launcher" equal "$work/all" "$wordcount" tree
check "inline" equal "$work/all" "$wordcount" --backend inline tree
for n in 1 2 3; do
    check "$n processes" \
        equal "$work/all" "$wordcount" --workers $n --oversubscribe allow tree
done
check "threads" equal "$work/all" "$wordcount" --backend threads tree
check "three threads" \
    equal "$work/all" "$wordcount" --backend threads --workers 3 --oversubscribe allow tree
if [ -n "$mpirun" ]; then
    for np in 1 2 3 5; do
        check "np $np" equal "$work/all" mpi $np "$wordcount" --oversubscribe allow tree
    done
else
    skip "under mpirun" "built without MPI"
fi

headers=/usr/include/linux
if [ -d $headers ]; then
    expected $headers >"$work/headers"
    check "$headers" equal "$work/headers" "$wordcount" $headers
    [ -z "$mpirun" ] ||
        check "$headers, np 2" equal "$work/headers" mpi 2 "$wordcount" $headers
else
    skip "/usr/include" "there is no $headers"
fi

# ---- Pieces ----------------------------------------------------------------------------------
# Every border that there can be, in and between words, at both ends of the file.
border() {
    printf '%s' "$1" >"$work/border"
    expected "$work/border" >"$work/border.words"
    for piece in 1 2 3 4 5 6 7 8 9 10 11 12; do
        equal "$work/border.words" "$wordcount" --backend inline --piece $piece "$work/border" ||
            { echo "at --piece $piece"; return 1; }
    done
}
check "a word belongs to one piece: words of one letter" border "a b c a  b-c"
check "a word belongs to one piece: words of all lengths" border "a bb ccc dddd ccc bb a"
check "a word belongs to one piece: none at the ends" border "  bb  dddddd   "
check "a word belongs to one piece: one word" border "abcdefghij"
check "a word belongs to one piece: no word" border "1234 5678 90"
for piece in 61 4096 65535 65536 65537 67108864; do
    check "pieces of $piece bytes" equal "$work/all" "$wordcount" --piece $piece tree
done
[ -z "$mpirun" ] || check "pieces of 1000 bytes, np 3" \
    equal "$work/all" mpi 3 "$wordcount" --oversubscribe allow --piece 1000 tree
# ---- Paths -----------------------------------------------------------------------------------
check "a trailing slash" as_pipeline tree/
check "the directory at hand" in_tree as_pipeline .
check "a file" as_pipeline tree/plain
check "a name with spaces, one in UTF-8, one of no encoding, one with a newline" as_pipeline \
    "tree/with space" "tree/Grüße 漢字" "$(printf 'tree/not utf8 \377')" "$(printf 'tree/new\nline')"
check "a binary file" as_pipeline tree/program
check "several paths, one of them twice" as_pipeline tree/sub tree/plain tree/sub
check "a name that begins with a dash" in_tree as_pipeline ./-dash ./-n
dashes() {
    (cd "$tree" && "$wordcount" -- -dash --help -n) >"$work/out" || return 1
    in_tree expected ./-dash ./--help ./-n | cmp - "$work/out"
}
check "after -- there are only paths" dashes
nothing() {
    "$@" >"$work/out" 2>"$work/err" || return 1
    [ ! -s "$work/out" ] && [ ! -s "$work/err" ]
}
check "an empty directory" nothing "$wordcount" "tree/empty directory"
check "an empty file" nothing "$wordcount" tree/empty
check "a link is not followed" nothing "$wordcount" tree/link tree/linked tree/dangling
check "a pipe is not waited for" nothing "$wordcount" tree/pipe
if [ -r /proc/self/limits ]; then
    check "a file that says that it is empty, and is not" sh -c \
        '[ "$("$1" /proc/self/limits | wc -l)" -gt 10 ]' - "$wordcount"
else
    skip "a file that says that it is empty, and is not" "there is no /proc"
fi

# ---- What is printed -------------------------------------------------------------------------
top() {
    head -n "$1" "$work/all" >"$work/head" && equal "$work/head" "$wordcount" --top "$1" tree
}
check "--top 1" top 1
check "--top 10" top 10
check "--top of more than there are" top 1000000
yes a | head -c 22000000 >"$work/many"
printf '11000000 a\n' >"$work/many.words"
check "a number of eight digits" equal "$work/many.words" "$wordcount" "$work/many"

# ---- What cannot be read ---------------------------------------------------------------------
# incomplete PATTERN COMMAND...: status 1, one line of ours that has the pattern, and tree/sub.
expected tree/sub >"$work/sub.words"
incomplete() {
    incomplete_pattern=$1
    shift
    status 1 "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    grep 'wordcount: ' "$work/err" >"$work/ours"
    one_line "$work/ours" "$incomplete_pattern" && cmp "$work/sub.words" "$work/out"
}
gone='^wordcount: no such: No such file or directory$'
broken='^wordcount: /proc/self/mem: Input/output error$' # even root opens it, and cannot read
check "a missing path is named, the others go on" \
    incomplete "$gone" "$wordcount" "no such" tree/sub
check "an empty path" \
    incomplete "^wordcount: '': No such file or directory\$" "$wordcount" "" tree/sub
check "the name of a missing path stays on one line" \
    incomplete '^wordcount: new\\nline: No such' "$wordcount" "$(printf 'new\nline')" tree/sub
check "a file that breaks while it is read is named, the others go on" \
    incomplete "$broken" "$wordcount" tree/sub /proc/self/mem
check "the same inline" \
    incomplete "$broken" "$wordcount" --backend inline tree/sub /proc/self/mem
if [ -n "$mpirun" ]; then
    check "np 3: a missing path is named once" \
        incomplete "$gone" mpi 3 "$wordcount" --oversubscribe allow "no such" tree/sub
    check "np 3: a broken file is named once" \
        incomplete "$broken" mpi 3 "$wordcount" --oversubscribe allow tree/sub /proc/self/mem
fi
# More letters than a word may have, in many pieces; what is around them is counted.
awk 'BEGIN { for (i = 0; i < 1000; i++) line = line "abcdefghijklmnop"
    printf "before "; for (i = 0; i < 1100; i++) printf "%s", line; print " after" }' >"$work/endless"
endless() {
    status 1 "$@" "$work/endless" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    printf '      1 after\n      1 before\n' | cmp - "$work/out" &&
        one_line "$work/err" '/endless: a word of more than 16777216 letters$'
}
check "a word without an end is named, once, and left out" endless "$wordcount"
check "the same in one piece" endless "$wordcount" --piece 67108864

# Permissions do not stop root, so this part runs as somebody else where it can.
closed=$work/closed
mkdir "$closed" "$closed/locked"
cp -R "$tree/sub" "$closed/"
awk 'BEGIN { for (i = 0; i < 300; i++) print "secret" }' >"$closed/secret"
echo secret >"$closed/locked/file"
chmod 0 "$closed/secret" "$closed/locked"
chmod 755 "$work"
if [ "$(id -u)" -ne 0 ]; then
    somebody="env"
else
    somebody="setpriv --reuid=65534 --regid=65534 --clear-groups"
    cp "$wordcount" "$work/wordcount"
    wordcount=$work/wordcount
fi
locked() {
    # shellcheck disable=SC2086 # words
    (cd "$closed" && status 1 $somebody "$wordcount" "$@" .) >"$work/out" 2>"$work/err" || return 1
    cmp "$work/sub.words" "$work/out" || return 1
    sort "$work/err" >"$work/sorted"
    printf 'wordcount: ./%s: Permission denied\n' locked secret | cmp - "$work/sorted"
}
# shellcheck disable=SC2086 # words
if $somebody "$wordcount" --help >/dev/null 2>&1; then
    check "a locked file and a locked directory are named, the others go on" locked
    check "once also when it is many pieces" locked --piece 100
else
    skip "a locked file and a locked directory are named" "cannot run as somebody else"
fi
wordcount=$bin/wordcount

# ---- Bad usage, a full disk ------------------------------------------------------------------
full() {
    status 1 "$@" >/dev/full 2>"$work/err" || { cat "$work/err"; return 1; }
    one_line "$work/err" '^wordcount: standard output: No space left on device$'
}
check "a full disk is one line and status 1" full "$wordcount" tree
check "a full disk, with little to write" full "$wordcount" tree/plain

refused() {
    complains 2 wordcount "$@"
}
refusals() {
    way=$1
    shift
    check "$way: no path" refused PATH "$@" "$wordcount"
    check "$way: an unknown option" refused no-such "$@" "$wordcount" --no-such tree
    check "$way: --workers 0" refused workers "$@" "$wordcount" --workers 0 tree
    check "$way: --top 0" refused '^wordcount: --top .*not 0 ' "$@" "$wordcount" --top 0 tree
}
refusals "refused" env
check "refused: an unknown letter" refused "'z'" "$wordcount" -z tree
for bad in "--top -1" "--top +1" "--top 1x" "--top 1e3" "--top nonsense" "--top=" \
    "--top 18446744073709551616" "--top 99999999999999999999" "--piece 0" "--piece -1" \
    "--piece 67108865" "--piece 1.5" "--piece 1M" "--piece="; do
    word=${bad%%[ =]*}
    # shellcheck disable=SC2086 # two words
    check "refused: $bad" refused "^wordcount: $word wants a number from 1" "$wordcount" $bad tree
done
if [ -n "$mpirun" ]; then
    refusals "refused, np 3" mpi 3
    mpi 3 "$wordcount" --help >"$work/help" 2>&1
    "$wordcount" --help >"$work/alone"
    check "np 3: --help is printed once" cmp "$work/help" "$work/alone"
fi
check "--help shows its own words and Pinfold's" \
    sh -c '"$1" --help | grep -q "PATH\.\.\." && "$1" --help | grep -q -- --workers' - "$wordcount"
# The pipeline that --help promises is the one that was compared with.
promised() {
    "$wordcount" --help | sed -n '/^  find/,/uniq/p' | sed "s|find PATH\.\.\.|find tree|" >"$work/pipeline"
    sh "$work/pipeline" | cmp - "$work/all"
}
check "the pipeline in --help prints the same" promised

done_testing
