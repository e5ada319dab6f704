# tests/fault/run.sh: what the scripts beside it share; sourced after tests/lib.sh.
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh disable=SC2154,SC2034 # variables of tests/lib.sh, and for the scripts
fault=$top_builddir/tests/fault/fault
TMPDIR=$work # what a killed mpirun leaves there goes with it
export TMPDIR

# A word in the command line of every process that is ours, and of no other: the patterns are in a
# file, so that grep does not find itself.
mark=mark-$$-of-pinfold
echo "$mark" >"$work/mark"
left() {
    grep -lsaF -f "$work/mark" /proc/[0-9]*/cmdline
}

# within SECONDS COMMAND...: waits until it succeeds.
within() {
    within_end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$within_end" ] || { echo "not within its time: $*"; return 1; }
        sleep 0.05
    done
}
none_left() {
    [ -z "$(left)" ]
}

# gone SECONDS: all of ours are; those that are not are shown, and killed.
gone() {
    within "$1" none_left && return 0
    for gone_path in $(left); do
        gone_pid=${gone_path#/proc/}
        gone_pid=${gone_pid%/cmdline}
        echo "left: $gone_pid $(tr '\0' ' ' <"$gone_path")"
        kill -9 "$gone_pid"
    done
    return 1
}

# named: the memory that ours share by a name, as files. Say it while they live; no_memory says
# afterwards that these are gone.
named() {
    for named_path in $(left); do
        sed -n 's/.* \(\/dev\/shm\/[^ ]*\)$/\1/p; s/.* \(\/SYSV[^ ]*\)$/\1/p' \
            "${named_path%/cmdline}/maps" 2>/dev/null
    done | sort -u >"$work/named"
}
no_memory() {
    while read -r named_file; do
        [ ! -e "$named_file" ] || { echo "left: $named_file"; return 1; }
    done <"$work/named"
}

# started LINES: so many lines were printed.
started() {
    [ "$(wc -l <"$work/out")" -ge "$1" ]
}

# pid_of WORD...: the number behind these words.
pid_of() {
    sed -n "s/^$* \([0-9]*\)\$/\1/p" "$work/out"
}

# The status of a command that must end in time, in $ended; its output in $work/out, $work/err.
ends() {
    ends_limit=$1
    shift
    timeout -s KILL "$ends_limit" "$@" >"$work/out" 2>"$work/err" </dev/null
    ended=$?
    [ "$ended" -ne 137 ] && [ "$ended" -ne 124 ] && return 0
    echo "status $ended: $*"
    cat "$work/out" "$work/err"
    gone 10
    return 1
}

# ours NAME PATTERN: one line on stderr is the program's own, and has the pattern.
ours() {
    grep "^$1: " "$work/err" >"$work/ours"
    one_line "$work/ours" "$2"
}

# memory_is_limited: --memory-limit can do what it says (the allocator of a sanitizer ends the
# process where another one returns NULL).
memory_is_limited() {
    [ "$(made PF_SANITIZERS)" = no ]
}
