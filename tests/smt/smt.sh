#!/bin/sh
# Workers on real hyper-threads: one emulated machine with 2 packages x 2 cores x 2 threads is
# started, all commands of inside.sh run in it, and what they printed is checked here.
# deadline: 600
# SPDX-License-Identifier: BSD-3-Clause
. "${top_srcdir:-.}/tests/lib.sh"
export top_builddir
here=$top_srcdir/tests/smt

mpi=no
case $mpi_name in ''|mpich*) ;; *) mpi=yes ;; esac
{ echo "mpi=$mpi"; cat "$here/inside.sh"; } >"$work/script"
"$here/guest" -t 540 "$work/script" "$bin/pinfold" "$bin/hello" "$top_builddir/tests/smt/masks" \
    >"$work/log" 2>"$work/console"
guest=$?
[ "$guest" -eq 77 ] && skip_all "$(sed -n 's/^tests.smt.guest: //p' "$work/console")"

came_up() {
    [ "$guest" -eq 0 ] && return 0
    echo "status $guest:"
    cat "$work/log" "$work/console"
    return 1
}

out() { sed -n "s/^$1 1|//p" "$work/log"; }
err() { sed -n "s/^$1 2|//p" "$work/log"; }
all() { grep "^$1 " "$work/log"; }

# printed NAME LINE...: it ended well and printed just these lines.
printed() {
    name=$1
    shift
    printf '%s\n' "$@" >"$work/wanted"
    out "$name" >"$work/got"
    ended_well "$name" && diff "$work/wanted" "$work/got"
}

ended_well() {
    grep -q "^$1 status 0\$" "$work/log" && return 0
    echo "$1 did not end well:"
    all "$1" | head -n 20
    return 1
}

quietly() {
    [ -z "$(err "$1")" ] && return 0
    all "$1"
    return 1
}

# places NAME CPUS...: a table whose worker i has the i-th CPUS.
places() {
    name=$1
    shift
    printf '%s\n' "$@" | awk '{ print NR - 1 "\t" $0 }' >"$work/wanted"
    out "$name" | cut -f 1,2 | sed 1d >"$work/got"
    ended_well "$name" || return 1
    if [ "$(out "$name" | sed -n 1p | cut -f 1,2)" != "worker	cpus" ]; then
        echo 'no header of worker and cpus:'
        all "$name"
        return 1
    fi
    diff "$work/wanted" "$work/got" && return 0
    all "$name"
    return 1
}

# masks NAME CPUS...: the same, and what the kernel says of every worker is what was reported.
masks() {
    places "$@" && kernel_agrees "$1"
}

kernel_agrees() {
    out "$1" | awk -F '\t' 'NR > 1 && ($3 != $2 || $4 != $2) { print; bad = 1 } END { exit bad }'
}

# The same, where the launcher said who sits where.
masks_in_any_order() {
    name=$1
    shift
    printf '%s\n' "$@" >"$work/wanted"
    out "$name" | sed 1d | cut -f 2 | sort >"$work/got"
    ended_well "$name" || return 1
    diff "$work/wanted" "$work/got" && kernel_agrees "$name" && return 0
    all "$name"
    return 1
}

check "the guest comes up and runs everything" came_up
check "it has four cores of two threads" printed siblings 0-1 2-3 4-5 6-7
check "they sit in two packages" printed packages 0-3 4-7
check "and in two NUMA nodes" printed nodes 0-3 4-7

says_size() {
    ended_well text || return 1
    out text | sed -n 1p | grep -w 4 | grep -qw 8 && return 0
    all text
    return 1
}
check "topo: the first line has 4 cores and 8 hardware threads" says_size
check "topo: a worker for each core has both of its threads" places topo-cores 0,1 2,3 4,5 6,7
check "topo: threads are taken in layers" places topo-threads 0 2 4 6 1 3 5 7
check "topo: spread goes round the packages" places topo-spread 0,1 4,5 2,3 6,7

hello_places() {
    ended_well hello || return 1
    [ "$(out hello | sed -n 's/.* CPUs //p' | tr '\n' ' ')" = '0,1 2,3 4,5 6,7 ' ] && return 0
    all hello
    return 1
}
check "hello: a line for each core, with both of its threads" hello_places
check "cores: the kernel agrees" masks cores 0,1 2,3 4,5 6,7
check "threads: the kernel agrees" masks threads 0 2 4 6 1 3 5 7
check "five workers on threads: one core has two" masks five 0 2 4 6 1
check "reserve sibling: the first worker keeps its core's first thread" masks sibling 0 2,3 4,5 6,7
check "two cores each: one worker for each package" masks wide 0,1,2,3 4,5,6,7
check "a narrower mask: a core counts when one of its threads may be used" masks taskset 0 3 4,5
check "only second threads: they are the first that may be used" masks seconds 1 3 5 7
check "a cpuset: the cores in it" masks cgroup 2,3 4,5

if [ "$mpi" = yes ]; then
    check "mpirun, topo: the ranks' own places" places mpi-topo 0,1 2,3 4,5 6,7
    check "mpirun, four ranks: a core each" masks mpi-cores 0,1 2,3 4,5 6,7
    check "mpirun, two ranks: a core each" masks mpi-two 0,1 2,3
    check "mpirun --bind-to core: each rank's mask is its place" \
        masks_in_any_order mpi-bound 0,1 2,3 4,5 6,7
    refused() {
        grep -q '^mpi-refused status [1-9]' "$work/log" && return 0
        all mpi-refused
        return 1
    }
    check "mpirun counts cores: eight ranks are refused without a word" refused
    check "mpirun --use-hwthread-cpus, eight ranks: in layers" masks mpi-threads 0 2 4 6 1 3 5 7
    check "mpirun --oversubscribe, eight ranks: in layers" masks mpi-over 0 2 4 6 1 3 5 7
    check "mpirun --bind-to hwthread: each rank's mask is its place" \
        masks_in_any_order mpi-hwthread 0 1 2 3 4 5 6 7
fi

check "a thread that is off: its core keeps the other" masks offline 0 2,3 4,5 6,7

# What is said aloud: nothing, save where something is amiss.
quiet() {
    for name in topo-cores topo-threads topo-spread hello cores threads sibling wide taskset \
        seconds cgroup offline mpi-topo mpi-cores mpi-two mpi-bound mpi-threads mpi-over; do
        quietly "$name" || return 1
    done
}
check "no warnings where all is well" quiet
warned() {
    err quota | grep -qi quota && return 0
    all quota
    return 1
}
check "a quota of fewer CPUs than places is a warning" warned
done_testing
