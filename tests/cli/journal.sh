#!/bin/sh
# `pinfold journal`, and a program that is killed and started again with the same journal.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 240
. "${top_srcdir:-.}/tests/lib.sh"
pinfold=$bin/pinfold
steps=$top_builddir/tests/cli/steps
file="$work/a journal"
tab=$(printf '\t')

made PF_JOURNAL_LIBS | grep -q . || {
    check "without SQLite, one line says so" complains 1 "pinfold journal" "built without SQLite" \
        "$pinfold" journal "$file"
    done_testing
}

# One item of twelve, the fifth, always fails; each takes a millisecond.
"$steps" --backend processes --workers 2 --journal "$file" 12 1 >"$work/first" 2>"$work/first.err" ||
    bail "steps --journal failed: $(cat "$work/first.err")"

status_line() {
    "$pinfold" journal "$file" >"$work/out" || return 1
    grep -q '^last run: process [0-9]* on .*, from 2.*Z to 2.*Z$' "$work/out" &&
        grep -q '^steps: 12 items, 11 done, 1 failed; 12 attempts of 0\.' "$work/out" && return 0
    cat "$work/out"
    return 1
}
check "status has a line for the last run and one for each key" status_line
failures() {
    "$pinfold" journal --failures "$file" >"$work/out" || return 1
    one_line "$work/out" 's  steps 4, attempt 1: failed on worker [01], .*: 7, the fifth fails$'
}
check "--failures has the item that failed, and why" failures
slowest() {
    "$pinfold" journal --slowest 3 "$file" >"$work/out" || return 1
    [ "$(wc -l <"$work/out")" -eq 3 ] && sort -c -s -k 1,1nr "$work/out"
}
check "--slowest has so many, the slowest first" slowest
tsv() {
    "$pinfold" journal --tsv "$file" >"$work/out" || return 1
    awk -F "$tab" 'NF != 20 { print "fields: " NF; bad = 1 }
        NR > 1 && $4 == "done" && ($7 !~ /^[01]$/ || $14 <= 0 || $18 !~ /^[0-9a-f]+$/ || $17 != 4) { print; bad = 1 }
        END { exit bad || NR != 13 }' "$work/out" || { cat "$work/out"; return 1; }
    # the digest of the argument is what sha256sum says of it
    if command -v sha256sum >/dev/null; then
        argument=$(printf '\001\000\000\000' | sha256sum | cut -d ' ' -f 1)
        [ "$(cut -f 19 "$work/out" | sed 1d | sort -u)" = "$argument" ]
    fi
}
check "--tsv has a line for each attempt, with its digests" tsv
json() {
    "$pinfold" journal --json "$file" >"$work/out" &&
        "$pinfold" journal --json --failures "$file" >"$work/out2" || return 1
    python3 - "$work/out" "$work/out2" <<'EOF'
import json, sys
rows = json.load(open(sys.argv[1]))["attempts"]
assert len(rows) == 12 and sorted(r["item"] for r in rows) == list(range(12))
assert all(r["ended"] >= r["started"] > 1e9 for r in rows)
bad = json.load(open(sys.argv[2]))["attempts"]
assert [(r["item"], r["code"], r["text"], r["size"]) for r in bad] == [(4, 7, "the fifth fails", None)]
EOF
}
if command -v python3 >/dev/null; then
    check "--json is JSON, with all of them" json
else
    skip "--json is JSON, with all of them" "python3 is not installed"
fi
view() {
    sqlite3 -readonly "$file" \
        "SELECT key, count(*), sum(state = 'done') FROM attempts GROUP BY key" >"$work/out" &&
        [ "$(cat "$work/out")" = 'steps|12|11' ]
}
if command -v sqlite3 >/dev/null; then
    check "sqlite3 finds the view that is documented" view
else
    skip "sqlite3 finds the view that is documented" "sqlite3 is not installed"
fi

again() {
    "$steps" --backend inline --journal "$file" 12 1 >"$work/second" 2>"$work/err" || return 1
    cmp "$work/first" "$work/second" &&
        grep -q '11 of 12 items were taken from the journal; 0 had changed' "$work/err" &&
        [ "$("$pinfold" journal --tsv "$file" | wc -l)" -eq 14 ] || { cat "$work/err"; return 1; }
    "$pinfold" journal --failures "$file" | grep -q 'steps 4, attempt 2: failed'
}
check "a second run takes what is done and tries again what failed" again
changed() {
    "$steps" --backend threads --workers 1 --journal "$file" 14 2 >"$work/out" 2>"$work/err" || return 1
    grep -q ' 0 of 14 items were taken from the journal; 11 had changed' "$work/err" && return 0
    cat "$work/err"
    return 1
}
check "items whose arguments changed are run, and counted" changed

check "no file is one line" complains 2 "pinfold journal" "a FILE is missing" "$pinfold" journal
check "an unknown option is one line" complains 2 "pinfold journal" "what is '--all'" \
    "$pinfold" journal --all "$file"
check "--slowest wants a number" complains 2 "pinfold journal" "how many" \
    "$pinfold" journal --slowest 0 "$file"
check "a missing file is one line" complains 1 "pinfold journal" "No such file" \
    "$pinfold" journal "$work/none"
echo "no journal at all, but a text that is of some length, so that it has a header's hundred bytes, or more" >"$work/text"
check "another file is one line" complains 1 "pinfold journal" "not a database" "$pinfold" journal "$work/text"
check "and no program writes to it" complains 3 steps "not a database" \
    "$steps" --backend inline --journal "$work/text" 3 1

# Killed with -9 in the midst, started again until it is through: what was committed is not run
# again. Which moment that is, is the machine's affair; that a kill came in between is looked at.
killed=0
survives() {
    run=0
    while [ "$run" -lt 12 ]; do
        "$steps" --backend processes --workers 2 --journal "$work/kill" 150 20 >"$work/out" 2>"$work/err" &
        pid=$!
        had=$("$pinfold" journal --tsv "$work/kill" 2>/dev/null | wc -l)
        tries=0
        while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 2000 ]; do
            now=$("$pinfold" journal --tsv "$work/kill" 2>/dev/null | wc -l)
            [ "$now" -gt $((had + 10)) ] && [ "$run" -lt 4 ] && { kill -9 "$pid"; killed=$((killed + 1)); }
            tries=$((tries + 1))
        done
        wait "$pid" 2>/dev/null && break
        run=$((run + 1))
    done
    cat "$work/err"
    [ "$killed" -gt 0 ] || { echo "nothing was killed"; return 1; }
    [ "$(cat "$work/out")" = 149 ] || { echo "sum $(cat "$work/out")"; return 1; }
    "$pinfold" journal --tsv "$work/kill" >"$work/rows"
    # every item but the fifth exactly once
    awk -F "$tab" 'NR > 1 && $4 == "done" { if (seen[$2]++) { print "twice: " $2; bad = 1 } n++ }
        END { if (n != 149) print n " done"; exit bad || n != 149 }' "$work/rows"
}
check "a driver that is killed again and again loses nothing that was committed" survives
done_testing
