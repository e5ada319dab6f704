# The sum of items of 8 bytes that cost nothing, in a fixed order, beside the map of the same items:
# what the order and the combining cost; and beside a loop of OpenMP's, which adds in any order.
# SPDX-License-Identifier: BSD-3-Clause
about="items per second of map_reduce, beside a map"

round() {
    many=5000000
    [ -z "$quick" ] || many=2000000
    sample reduce.local rate "$perf/perf_submit" --reduce --items $many
    sample reduce.map.local rate "$perf/perf_submit" --items $many
    [ -z "$have_omp" ] || sample reduce.omp rate openmp "$perf/omp_tasks" --reduce --items $many
    [ -z "$have_mpi" ] && return
    sample reduce.mpi rate mpi 2 "$perf/perf_submit" --driver only --reduce --items $many
    sample reduce.map.mpi rate mpi 2 "$perf/perf_submit" --driver only --items $many
}

figures() {
    for way in local mpi; do
        figure reduce.$way items/s reduce.$way "a map, the same way" reduce.map.$way
    done
    figure reduce.local items/s reduce.local "OpenMP reduction" reduce.omp
}
