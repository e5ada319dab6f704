#!/bin/sh
# Real machines: every worker of every row of the expected files, as `pinfold topo` seats it.
# The machines lie beside the tree, not in it; synthetic.sh is what a clone by itself has.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 240
. "${top_srcdir:-.}/tests/lib.sh"

machines=$shared/topologies
[ -d "$machines/expected" ] || skip_all "there is no folder $machines with real machines"
tab=$(printf '\t')

# Each line "places bind workers" once, in their order.
questions() {
    awk -F '\t' 'NR > 1 && !seen[$1, $2, $3]++ { print $1, $2, $3 }' "$1"
}

# The answers in the columns of the expected file, up to the CPUs.
answers() {
    while read -r places bind workers; do
        "$bin/pinfold" topo --topology "$1" --places "$places" --bind "$bind" \
            --workers "$workers" --oversubscribe allow --format tsv >"$work/tsv" || return 1
        sed 1d "$work/tsv" | cut -f 1,2 | sed "s/^/$places$tab$bind$tab$workers$tab/"
    done
}

agrees() {
    questions "$2" >"$work/questions"
    [ -s "$work/questions" ] || { echo "$2 has no rows"; return 1; }
    sed 1d "$2" | cut -f 1-5 >"$work/expected"
    answers "$1" <"$work/questions" >"$work/got" || return 1
    cmp -s "$work/expected" "$work/got" && return 0
    diff "$work/expected" "$work/got" | head -n 20
    return 1
}

for expected in "$machines"/expected/*.tsv; do
    name=$(basename "$expected" .tsv)
    check "$name: $(($(wc -l <"$expected") - 1)) workers sit as expected" \
        agrees "$machines/$name.xml" "$expected"
done
done_testing
