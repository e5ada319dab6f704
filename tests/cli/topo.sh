#!/bin/sh
# `pinfold topo` as a command: its forms, what it refuses and how, and its statuses.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 120
. "${top_srcdir:-.}/tests/lib.sh"
pinfold=$bin/pinfold
tab=$(printf '\t')

# refuses PATTERN ARG...: status 2, one line on stderr from us with the pattern, nothing on stdout.
refuses() {
    pattern=$1
    shift
    status 2 "$pinfold" topo "$@" >"$work/out" 2>"$work/err" || return 1
    [ ! -s "$work/out" ] || { echo "and on stdout:"; cat "$work/out"; return 1; }
    one_line "$work/err" "^pinfold topo: .*$pattern"
}

# says PATTERN ARG...: status 0, nothing on stderr, and a line with the pattern on stdout.
says() {
    pattern=$1
    shift
    status 0 "$pinfold" topo "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    [ ! -s "$work/err" ] && grep -Eq -- "$pattern" "$work/out" && return 0
    cat "$work/err" "$work/out"
    return 1
}

twin='pack:2 core:2 pu:2'
many='pack:2 [numa] l3:8 core:16 pu:2'

# The text form
first() {
    "$pinfold" topo "$@" | sed -n 1p
}
counts() {
    first --topology "$twin" >"$work/out"
    one_line "$work/out" '^8 hardware threads on 4 physical cores; this process may use 8 .* 4 cores$'
}
check "the first line counts threads and cores, and those that may be used" counts
# As the kernel says it of this very process.
live_counts() {
    allowed=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr ',' '\n' |
        awk -F - '{ n += NF == 2 ? $2 - $1 + 1 : 1 } END { print n }')
    first >"$work/out"
    one_line "$work/out" "may use $allowed threads? "
}
check "live, they are those of this process" live_counts
masked() {
    cpu=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
    taskset -c "$cpu" "$pinfold" topo --format tsv >"$work/out" || return 1
    [ "$(cut -f 1,2 "$work/out" | sed 1d)" = "0$tab$cpu" ] && return 0
    cat "$work/out"
    return 1
}
if command -v taskset >/dev/null; then
    check "a mask set by taskset is respected" masked
else
    skip "a mask set by taskset is respected" "taskset is not installed"
fi
fits() {
    "$pinfold" topo --topology "$@" >"$work/out" || return 1
    awk 'length > 100 { print "too long: " $0; bad = 1 }
        END { if (NR > 50) { print NR " lines"; bad = 1 } exit bad }' "$work/out"
}
check "256 cores fit on a screen" fits "$many"
check "spread, too" fits "$many" --bind spread
check "and 512 threads" fits "$many" --places threads --bind spread
check "and a machine of 8192" fits 'pack:8 [numa] l3:16 core:64 pu:1'
check "and one of 64 packages" fits 'pack:64 [numa] core:2 pu:2' --bind spread --workers 100
check "and more workers than that" fits "$many" --workers 5000 --oversubscribe allow
check "L# and P# are told apart" says 'cores L# .*' --topology "$twin"
check "the worker on the second core of the second package" \
    says '^ *3 +6-7 +yes +3 +1 ' --topology "$twin"
check "a reserved place is shown" says '^driver +core L#0, P#1$' --topology "$twin" --reserve sibling
check "too many workers are a note in the text" \
    says '^note: more workers \(5\) than places \(4\)' --topology "$twin" --workers 5
check "so is a machine that does not describe its cores" \
    says '^note: the machine does not describe' --topology 'pack:2 pu:2'

# tsv
header() {
    "$pinfold" topo --topology "$twin" --format tsv | sed -n 1p | cut -f 1,2 >"$work/out"
    one_line "$work/out" "^worker${tab}cpus\$"
}
check "tsv begins with worker and cpus" header
even() {
    "$pinfold" topo --topology "$many" --format tsv |
        awk -F '\t' 'NR == 1 { n = NF } NF != n || /\t\t/ { print; bad = 1 }
            END { exit bad || NR != 257 }'
}
check "every line has every column" even
note_on_stderr() {
    "$pinfold" topo --topology "$twin" --workers 5 --format tsv >"$work/out" 2>"$work/err" || return 1
    [ "$(wc -l <"$work/out")" -eq 6 ] && one_line "$work/err" '^pinfold topo: note: .*unbound'
}
check "what is no table goes to stderr" note_on_stderr

# json
valid() {
    "$pinfold" topo "$@" --format json >"$work/json" 2>"$work/err" || { cat "$work/err"; return 1; }
    python3 - "$work/json" <<'END'
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
machine = report["machine"]
assert machine["threads"] == sum(len(core["cpus"]) for core in report["cores"])
assert machine["cores"] == len(report["cores"])
for number, worker in enumerate(report["workers"]):
    assert worker["worker"] == number and worker["cpus"], worker
END
}
# A file name that is anything but text.
strange() {
    strange=$(printf '%s/a"b\\c\td\n\377\300\257\355\240\200é.xml' "$work")
    lstopo-no-graphics -i "$twin" --of xml >"$strange" 2>"$work/err" || { cat "$work/err"; return 1; }
    valid --topology "$strange" && says '8 hardware threads' --topology "$strange"
}
if command -v python3 >/dev/null; then
    check "json is json" valid --topology "$many"
    check "also of this machine" valid
    check "with an odd machine" valid --topology 'pack:2 pu:2' --workers 9
    if command -v lstopo-no-graphics >/dev/null; then
        check "with quotes, control characters and broken UTF-8 in a name" strange
    else
        skip "with quotes, control characters and broken UTF-8 in a name" "lstopo is not installed"
    fi
else
    skip "json is json" "python3 is not installed"
fi

# XML, from a file and from a pipe
xml() {
    lstopo-no-graphics -i "$twin" --of xml >"$work/twin.xml" || return 1
    says '8 hardware threads' --topology "$work/twin.xml" || return 1
    "$pinfold" topo --topology /dev/stdin --format tsv <"$work/twin.xml" >"$work/a" || return 1
    "$pinfold" topo --topology "$twin" --format tsv >"$work/b" || return 1
    cmp "$work/a" "$work/b"
}
if command -v lstopo-no-graphics >/dev/null; then
    check "XML is read" xml
else
    skip "XML is read" "lstopo is not installed"
fi

# What makes no sense
check "an unknown option is refused" refuses "'--frobnicate'" --frobnicate
check "a stray word is refused" refuses "'cores'" cores
check "an option without its value is refused" refuses 'topology' --topology
check "0 workers are refused" refuses "'0'" --workers 0
check "-1 workers are refused" refuses "'-1'" --workers -1
check "workers that are no number are refused" refuses "'two'" --workers two
check "more digits than a number has are refused" refuses 99999999999999999999 \
    --workers 99999999999999999999
check "unknown places are refused" refuses "'sockets'" --places sockets
check "an unknown binding is refused" refuses "'scatter'" --bind scatter
check "an unknown reserve is refused" refuses "'node'" --reserve node
check "an unknown oversubscribe is refused" refuses "'maybe'" --oversubscribe maybe
check "an unknown format is refused" refuses "'xml'" --format xml
check "a width of 0 is refused" refuses "'0'" -c 0
check "a width beyond the machine is refused" refuses '5 cores' --topology "$twin" -c 5
check "a list with a hole is refused" refuses "''" --topology "$twin" --places 'list:0;;1'
check "a list beyond the machine is refused" refuses 'CPU 8' --topology "$twin" --places 'list:0;8'
check "more workers than places are refused, if told so" \
    refuses 'more workers \(5\) than places \(4\)' --topology "$twin" --workers 5 --oversubscribe error
check "as many as places are not" \
    says '^3' --topology "$twin" --workers 4 --oversubscribe error --format tsv
check "a missing file is refused" refuses 'missing.xml' --topology "$work/missing.xml"
check "a folder is refused" refuses 'directory' --topology "$work"
check "an empty name is refused" refuses 'empty' --topology ''
check "a text that is no machine is refused" refuses 'pack:2 gold:3' --topology 'pack:2 gold:3'
check "a text without PUs is refused" refuses 'pu:N' --topology 'pack:2 core:2'
check "a machine beyond all measure is refused" refuses 8192 --topology 'core:99999999 pu:2'
: >"$work/empty.xml"
echo 'no XML at all' >"$work/text.xml"
printf '<?xml version="1.0"?>\n<topology version="2.0">\n  <object type="Mach' >"$work/cut.xml"
echo '<?xml version="1.0"?><topology version="2.0"></topology>' >"$work/none.xml"
head -c 4096 /dev/urandom >"$work/noise.xml"
for broken in empty text cut none noise; do
    check "$broken.xml is refused" refuses "$broken.xml" --topology "$work/$broken.xml"
done
if [ "$(id -u)" -ne 0 ]; then
    echo >"$work/secret.xml"
    chmod 0 "$work/secret.xml"
    check "a file that may not be read is refused" refuses 'Permission denied' \
        --topology "$work/secret.xml"
else
    skip "a file that may not be read is refused" "root may read all"
fi
newline() {
    refuses 'no.such file' --topology "$(printf 'no\nsuch file/x')"
}
check "a name with a newline is still one line" newline
no_home() {
    (unset HOME && says 'hardware threads')
}
check "it needs no HOME" no_home

# Environment: the words of the options, and the command line wins.
variable() {
    PINFOLD_PLACES=threads says '^7' --topology "$twin" --format tsv &&
        ! PINFOLD_PLACES=threads says '^7' --topology "$twin" --places cores --format tsv
}
check "PINFOLD_PLACES is read, and the option wins" variable
bad_variable() {
    PINFOLD_WORKERS=many refuses PINFOLD_WORKERS --topology "$twin"
}
check "a variable that makes no sense is refused by its name" bad_variable

# Output that fails
if [ -c /dev/full ]; then
    full() {
        status 1 "$@" >/dev/full 2>"$work/err" && one_line "$work/err" '^pinfold.*No space left'
    }
    for form in text tsv json; do
        check "a full disk is an error ($form)" full "$pinfold" topo --topology "$many" --format $form
    done
    check "a full disk is an error (topo --help)" full "$pinfold" topo --help
    check "a full disk is an error (--help)" full "$pinfold" --help
    check "a full disk is an error (--version)" full "$pinfold" --version
else
    skip "a full disk is an error" "there is no /dev/full"
fi
closed() {
    status 1 "$pinfold" topo --topology "$twin" >&- 2>"$work/err" && one_line "$work/err" '^pinfold topo: '
}
check "a closed output is an error" closed

# The command itself
check "topo --help names its options" says '^ +--topology ' --help
version() {
    "$pinfold" --version >"$work/out" && one_line "$work/out" '^pinfold [0-9]+\.[0-9]+\.[0-9]+$'
}
check "--version is a line" version
lists() {
    "$pinfold" --help >"$work/out" && grep -q 'pinfold topo' "$work/out"
}
check "--help lists the commands" lists
no_command() {
    status 2 "$pinfold" "$@" >"$work/out" 2>"$work/err" && [ ! -s "$work/out" ] &&
        one_line "$work/err" '^pinfold: .*--help'
}
check "no command is refused" no_command
check "an unknown command is refused" no_command frobnicate

# Ranks: one voice, and one failure. The launchers' variables are all that it takes.
silent() {
    OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 status 0 "$pinfold" topo --workers 0 \
        >"$work/out" 2>&1 || return 1
    OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 status 0 "$pinfold" topo --topology "$twin" \
        >>"$work/out" 2>&1 || return 1
    OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 status 0 "$pinfold" topo --help \
        >>"$work/out" 2>&1 || return 1
    [ ! -s "$work/out" ]
}
check "rank 1 leaves in peace, and says nothing" silent

# And with a launcher: the ranks that there really are.
real_ranks() {
    mpi 3 "$pinfold" topo --format tsv >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
    # worker, node, rank; every one with CPUs and a process
    sed 1d "$work/out" | cut -f 1,10,12 | tr '\t' ' ' >"$work/ranks"
    printf '0 0 0\n1 0 1\n2 0 2\n' | cmp - "$work/ranks" &&
        awk -F '\t' 'NR > 1 && ($2 !~ /^[0-9,]+$/ || $13 !~ /^[0-9]+$/) { print; bad = 1 }
            END { exit bad }' "$work/out"
}
one_voice() {
    if mpi 3 "$pinfold" topo --workers 0 >"$work/out" 2>"$work/all" || [ -s "$work/out" ]; then
        cat "$work/out" "$work/all"
        return 1
    fi
    grep '^pinfold topo: ' "$work/all" >"$work/err"
    one_line "$work/err" "'0'"
}
described() {
    mpi 3 "$pinfold" topo --topology "$twin" --format tsv >"$work/out" 2>"$work/err" &&
        [ "$(wc -l <"$work/out")" -eq 5 ]
}
if [ -n "$mpi_name" ] && [ -n "$mpirun" ]; then
    check "under mpirun, the workers are the ranks" real_ranks
    check "what is wrong is said once" one_voice
    check "another machine is shown once" described
else
    skip "under mpirun, the workers are the ranks" "no MPI, or no mpirun"
fi
done_testing
