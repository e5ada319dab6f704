# The driver sits in pinfold_poll for 3 s. "rank": the worst of the ranks, its helper and worker
# processes included.
# SPDX-License-Identifier: BSD-3-Clause
about="CPU of an idle driver and of an idle rank, in cores (to reach: 0.01 each)"

round() {
    sample idle.driver.local driver "$perf/perf_idle" --seconds 3
    also idle.rank.local rank
    [ -z "$have_mpi" ] && return
    sample idle.driver.mpi driver mpi "$cores" "$perf/perf_idle" --seconds 3
    also idle.rank.mpi rank
    sample idle.naive rank mpi 2 "$perf/mpi_naive" --idle --seconds 1
}

figures() {
    for who in driver rank; do
        for way in local mpi; do
            figure idle.$who.$way core idle.$who.$way "MPI, a waiting worker" idle.naive
        done
    done
}
