# /usr/include, whose contents were evicted from memory before each run: reading is mostly waiting,
# so workers beyond cores must help. Worth a look only where there is a disk to wait for.
# SPDX-License-Identifier: BSD-3-Clause
about="seconds of checksum over files that are not in memory (to reach: less with more workers)"

tree=/usr/include

# timed COMMAND...: its seconds, after an eviction.
timed() {
    "$perf/evict" $tree
    timed_start=$(date +%s%N)
    "$@" >/dev/null || return 1
    awk -v a="$timed_start" -v b="$(date +%s%N)" 'BEGIN { print "seconds", (b - a) / 1e9 }'
}

with_xargs() {
    find $tree -type f -print0 | xargs -0 -n 64 -P "$cores" sha256sum
}

round() {
    [ -x "$bin/checksum" ] || return
    sample checksum.cores seconds timed "$bin/checksum" $tree
    sample checksum.more seconds timed "$bin/checksum" \
        --workers $((8 * cores)) --oversubscribe allow $tree
    sample checksum.xargs seconds timed with_xargs
}

figures() {
    figure checksum.workers_x8 s checksum.more "as many workers as cores" checksum.cores
    figure checksum s checksum.cores "xargs -P, files by the 64" checksum.xargs
}
