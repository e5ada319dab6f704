# Items of 8 bytes that cost nothing: as futures, submitted and collected one by one; and as a map
# with automatic chunks. "mpi" is one worker rank beside a driver that hosts none.
# SPDX-License-Identifier: BSD-3-Clause
about="null items per second, one by one and in automatic chunks"

round() {
    few=1000000 many=5000000
    [ -z "$quick" ] || few=200000 many=2000000
    sample submit.local rate "$perf/perf_submit" --submit --items $few
    sample stream.local rate "$perf/perf_submit" --stream --items $few
    sample map.item.local rate "$perf/perf_submit" --items $many
    sample map.range.local rate "$perf/perf_submit" --range --items $many
    [ -z "$have_omp" ] || sample submit.omp rate openmp "$perf/omp_tasks" --items $many
    [ -z "$have_futures" ] ||
        sample map.futures rate python3 "$top/tests/perf/futures.py" rate "$cores"
    [ -z "$have_mpi" ] && return
    sample submit.mpi rate mpi 2 "$perf/perf_submit" --driver only --submit --items $few
    sample map.item.mpi rate mpi 2 "$perf/perf_submit" --driver only --items $many
    sample map.range.mpi rate mpi 2 "$perf/perf_submit" --driver only --range --items $many
    for flight in 1 4 64; do
        sample submit.naive$flight rate mpi 2 "$perf/mpi_naive" --flight $flight --items $few
    done
    sample map.naive rate mpi 2 "$perf/mpi_naive" --flight 4 --batch 100 --items $many
    [ -z "$have_mpi4py" ] || sample map.mpi4py rate \
        mpi 2 python3 -m mpi4py.futures "$top/tests/perf/futures.py" --mpi rate
}

figures() {
    for flight in 1 4 64; do
        figure submit.mpi items/s submit.mpi "MPI, $flight in flight" submit.naive$flight
    done
    figure submit.local items/s submit.local "OpenMP tasks" submit.omp
    figure stream.local items/s stream.local "OpenMP tasks" submit.omp
    figure map.item.mpi items/s map.item.mpi "MPI, batches of 100" map.naive
    figure map.item.mpi items/s map.item.mpi "mpi4py.futures, chunks of 100" map.mpi4py
    figure map.range.mpi items/s map.range.mpi "MPI, batches of 100" map.naive
    figure map.item.local items/s map.item.local "ProcessPoolExecutor, chunks of 100" map.futures
    figure map.range.local items/s map.range.local "MPI, batches of 100" map.naive
}
