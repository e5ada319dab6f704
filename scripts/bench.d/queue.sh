# A million tasks of 8 bytes wait in the driver behind one that lasts; and a map of as many items.
# SPDX-License-Identifier: BSD-3-Clause
about="bytes of the driver's memory for each waiting task (to reach: 256; of a map: 0)"

round() {
    sample queue.submit bytes "$perf/perf_queue" --workers 1
    sample queue.map bytes "$perf/perf_queue" --workers 1 --map
    [ -z "$have_futures" ] ||
        sample queue.futures bytes python3 "$top/tests/perf/futures.py" queue 1
}

figures() {
    figure queue.submit bytes queue.submit ProcessPoolExecutor queue.futures
    figure queue.map bytes queue.map
}
