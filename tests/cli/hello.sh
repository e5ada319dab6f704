#!/bin/sh
# hello: one line for each worker, the same under every way to start it.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:=.}/tests/lib.sh"

hello=$bin/hello

# workers_of FILE: the line of each worker, which must be well-formed and counted from 0.
workers_of() {
    grep -c '^worker ' "$1" || return 1
    grep '^worker ' "$1" | awk '
        !/^worker [0-9]+: rank [0-9]+, host [^ ,]+, pid [0-9]+, CPUs [0-9]+(,[0-9]+)*$/ {
            print "malformed: " $0; bad = 1 }
        $2 != NR - 1 ":" { print "not worker " NR - 1 ": " $0; bad = 1 }
        END { exit bad }'
}

# says_hello N COMMAND...: N workers, and the squares; N = any for as many as there are.
says_hello() {
    says_n=$1
    shift
    "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    cat "$work/out" "$work/err"
    workers_of "$work/out" >"$work/n" || { cat "$work/n"; return 1; }
    [ "$says_n" = any ] || [ "$(cat "$work/n")" = "$says_n" ] || return 1
    [ "$(tail -n 1 "$work/out")" = "squares: 1 4 9 16" ]
}

pids_differ() {
    [ "$(grep '^worker ' "$work/out" | sed 's/.*, pid \([0-9]*\),.*/\1/' | sort -u | wc -l)" \
        -eq "$1" ]
}

ranks_are() {
    [ "$(sed -n 's/^worker [0-9]*: rank \([0-9]*\),.*/\1/p' "$work/out" | tr '\n' ' ')" = "$1" ]
}

# refused PATTERN COMMAND...: status 2, one line of ours, nothing on stdout. What the launcher
# adds about a status that is not 0 is its own.
refused() {
    complains 2 hello "$@"
}

disk_full() {
    status 1 "$@" >/dev/full 2>"$work/err" && one_line "$work/err" '^hello: .*No space left'
}

check "without a launcher there is a line for every worker" says_hello any "$hello"
check "one worker" says_hello 1 "$hello" --workers 1
check "one worker, inline" says_hello 1 "$hello" --backend inline --workers 1
check "three workers on whatever there is" \
    says_hello 3 "$hello" --workers 3 --oversubscribe allow
check "each has a process of its own" pids_differ 3
check "an unknown option is one line and status 2" refused . "$hello" --no-such-option
for bad in 0 -1 x; do
    check "--workers $bad is one line and status 2" refused workers "$hello" --workers "$bad"
done
check "a full disk is one line and status 1" disk_full "$hello"
check "--help shows Pinfold's options" sh -c '"$1" --help | grep -q -- --workers' - "$hello"

if [ -n "$mpirun" ]; then
    for np in 1 2 3 5; do
        check "np $np: a line for every rank" says_hello $np mpi $np "$hello"
        check "np $np: each has a process of its own" pids_differ $np
        check "np $np: workers are numbered as the ranks" \
            ranks_are "$(awk -v n=$np 'BEGIN { for (i = 0; i < n; i++) printf "%d ", i }')"
    done
    check "np 3: an unknown option is one line and status 2" \
        refused . mpi 3 "$hello" --no-such-option
    check "np 3: --workers 0 is one line and status 2" refused workers mpi 3 "$hello" --workers 0
    mpi 3 "$hello" --help >"$work/help" 2>&1
    "$hello" --help >"$work/alone"
    check "np 3: --help is printed once" cmp "$work/help" "$work/alone"
else
    skip "under mpirun" "built without MPI"
fi

done_testing
