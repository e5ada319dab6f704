# tests/lib.sh: what every test script sources. TAP on stdout; one `check` for each sentence.
# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh disable=SC2034 # the variables are for those who source this
#
#     #!/bin/sh
#     # deadline: 120                       (60 seconds if this line is not there)
#     . "${top_srcdir:-.}/tests/lib.sh"
#     check "topo prints a header line" sh -c '"$1" topo --format tsv | head -n 1' - "$bin/pinfold"
#     done_testing
#
# Under `make check` the variables are set; by hand, tests/cli/topo runs from the top folder on
# what lies in build/. Paths may have spaces: quote "$bin/NAME", "$work", "$top_srcdir".
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=build}"
case $top_srcdir in /*) ;; *) top_srcdir=$(cd "$top_srcdir" && pwd) ;; esac
case $top_builddir in /*) ;; *) top_builddir=$(cd "$top_builddir" && pwd) ;; esac
bin=$top_builddir/bin
shared=${PINFOLD_SHARED:-$top_srcdir/../shared}
tap_count=0
tap_failed=0

work=$(mktemp -d "${TMPDIR:-/tmp}/pinfold-test.XXXXXX") || {
    echo "Bail out! no temporary folder"
    exit 1
}
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# check "sentence" COMMAND...: ok when the command's status is 0. Its output is shown when not.
check() {
    tap_name=$1
    shift
    tap_count=$((tap_count + 1))
    if "$@" >"$work/.check" 2>&1; then
        echo "ok $tap_count - $tap_name"
    else
        echo "not ok $tap_count - $tap_name"
        sed 's/^/# /' "$work/.check"
        tap_failed=1
    fi
}

# skip "sentence" "reason"
skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# skip_all "reason": nothing of this script can run here.
skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

# bail "reason": what went wrong leaves nothing to test.
bail() {
    echo "Bail out! $1"
    exit 1
}

# At the end of every script. One that ends before it has no plan, and so has failed.
done_testing() {
    echo "1..$tap_count"
    exit "$tap_failed"
}

# status N COMMAND...: whether the command ends with this status.
status() {
    status_wanted=$1
    shift
    "$@"
    status_got=$?
    [ "$status_got" -eq "$status_wanted" ] && return 0
    echo "status $status_got, not $status_wanted: $*"
    return 1
}

# one_line FILE PATTERN: the file is exactly one line, which has the pattern (grep -E).
one_line() {
    [ "$(wc -l <"$1")" -eq 1 ] && grep -Eq -- "$2" "$1" && return 0
    echo "not one line with '$2':"
    cat "$1"
    return 1
}

# complains STATUS PROGRAM PATTERN COMMAND...: ends with this status, with nothing on stdout and one
# line of the program's own on stderr, which has the pattern. (A launcher adds lines of its own.)
complains() {
    complains_status=$1 complains_of=$2 complains_pattern=$3
    shift 3
    status "$complains_status" "$@" >"$work/.out" 2>"$work/.err" || {
        cat "$work/.out" "$work/.err"
        return 1
    }
    [ ! -s "$work/.out" ] || { cat "$work/.out"; return 1; }
    grep "$complains_of: " "$work/.err" >"$work/.ours"
    one_line "$work/.ours" "$complains_pattern" || { cat "$work/.err"; return 1; }
}

if [ "$(id -u)" -eq 0 ]; then
    OMPI_ALLOW_RUN_AS_ROOT=1
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
fi

# made NAME: what a variable of this build's Makefile is set to.
made() {
    sed -n "s/^$1 = //p" "$top_builddir/Makefile" 2>/dev/null
}

# The mpirun that belongs to the MPI of this build (empty: it has none), and its words for "more
# ranks than cores".
mpi_name=$(made PF_MPI_NAME)
mpirun=$(made MPIRUN)
oversubscribe=--oversubscribe
case $mpi_name in
'') mpirun= ;;
mpich*) oversubscribe= ;;
esac

# mpi NP PROGRAM...: as a user would start it, with room for more ranks than cores.
mpi() {
    mpi_np=$1
    shift
    # shellcheck disable=SC2086 # an empty word must vanish
    "$mpirun" $oversubscribe -np "$mpi_np" "$@"
}

# need_mpi: skips all of a script that is about ranks when this build or machine has none.
need_mpi() {
    [ -n "$mpi_name" ] || skip_all "built without MPI"
    [ -n "$mpirun" ] || skip_all "no mpirun of $mpi_name was found"
}
