#!/bin/sh
# Values of 3 GiB, in all the ways that there are. For `make check-slow`.
# SPDX-License-Identifier: BSD-3-Clause
# deadline: 1800
. "${top_srcdir:=.}/tests/lib.sh"

huge=$top_builddir/tests/huge/huge
bytes=$((3 * 1024 * 1024 * 1024 + 5))

# What may be had in MiB: of the machine, and of what the cgroup of this process has left.
available() {
    kib=$(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo 2>/dev/null)
    mib=$((${kib:-0} / 1024))
    group=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
    while [ -n "$group" ]; do
        max=$(cat "/sys/fs/cgroup$group/memory.max" 2>/dev/null)
        now=$(cat "/sys/fs/cgroup$group/memory.current" 2>/dev/null)
        case $max in
        '' | max) ;;
        *) left=$(((max - ${now:-0}) / 1048576)); [ $left -ge $mib ] || mib=$left ;;
        esac
        [ "$group" != / ] || break
        group=${group%/*}
        group=${group:-/}
    done
    v1=/sys/fs/cgroup/memory
    max=$(cat $v1/memory.limit_in_bytes 2>/dev/null)
    if [ -n "$max" ] && [ ${#max} -lt 18 ]; then
        now=$(cat $v1/memory.usage_in_bytes 2>/dev/null)
        left=$(((max - ${now:-0}) / 1048576))
        [ $left -ge $mib ] || mib=$left
    fi
    echo "$mib"
}

is_intact() {
    "$@" $bytes "$verb" >"$work/out" || return 1
    grep -x intact "$work/out"
}

# arrives COPIES "way" COMMAND...: each verb; COPIES: of the 3 GiB, how many there are at a time.
arrives() {
    copies=$1
    way=$2
    shift 2
    for verb in submit map_bytes shared; do
        name="$way: $verb: 3 GiB arrive intact"
        [ $verb = shared ] && needed=$((3072 * shared_copies + 1024)) || needed=$((3072 * copies + 1024))
        have=$(available)
        if [ "$have" -lt "$needed" ]; then
            skip "$name" "$needed MiB of memory are needed, and $have MiB can be had"
        else
            check "$name" is_intact "$@"
        fi
    done
}

# The test's own, the driver's and one worker's; shared bytes are with both workers. In one process
# there is no worker's.
shared_copies=2
arrives 2 inline "$huge" --backend inline
arrives 2 threads "$huge" --backend threads --workers 2 --oversubscribe allow
shared_copies=4
arrives 3 "local processes" "$huge" --backend processes --workers 2 --oversubscribe allow
if [ -n "$mpirun" ]; then
    shared_copies=4
    arrives 3 "MPI np 2" mpi 2 "$huge" --backend mpi --oversubscribe allow
    # Rank 0's own worker is a local process: what follows goes between ranks for sure.
    shared_copies=3
    arrives 3 "MPI np 2, from rank to rank" mpi 2 "$huge" --backend mpi --driver only
else
    skip "MPI np 2: 3 GiB arrive intact" "no MPI in this build, or no mpirun of it"
fi

done_testing
