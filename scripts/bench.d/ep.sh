# The EP kernel on all cores, by its own seconds, beside as many parts of it, run inline, one on
# each core, side by side: the slowest of these is what the cores can do.
# SPDX-License-Identifier: BSD-3-Clause
about="seconds of ep over those of independent inline parts (to reach: ratio 1.05)"

class=B
[ -z "$quick" ] || class=A

ep() {
    "$@" $class | awk '$1 == "seconds" { print $1, $3 }'
}

parts() {
    part=0
    for cpu in $cpus; do
        part=$((part + 1))
        ep taskset -c "$cpu" "$bin/ep" --backend inline --part "$part/$cores" \
            >"$work/.part.$part" &
    done
    wait
    cat "$work"/.part.* | sort -g -k 2 | tail -n 1
}

round() {
    sample ep.local seconds ep "$bin/ep"
    sample ep.parts seconds parts
    [ -z "$have_mpi" ] || sample ep.mpi seconds ep mpi "$cores" "$bin/ep"
}

figures() {
    figure ep.$class.local s ep.local "inline parts" ep.parts
    figure ep.$class.mpi s ep.mpi "inline parts" ep.parts
}
