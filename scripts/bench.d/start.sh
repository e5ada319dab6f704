# From the call of open to the first result, less hwloc's load of the topology and less MPI_Init:
# both are measured inside the same run, and shown beside it.
# SPDX-License-Identifier: BSD-3-Clause
about="open to first result (to reach: local 5 ms + 1 ms a worker, MPI 20 ms)"

round() {
    sample start.local beyond "$perf/perf_start"
    also start.local.topology topology
    also start.local.total total
    [ -z "$have_futures" ] ||
        sample start.futures total python3 "$top/tests/perf/futures.py" start "$cores"
    [ -z "$have_mpi" ] && return
    sample start.mpi beyond mpi "$cores" "$perf/perf_start"
    also start.mpi.topology topology
    also start.mpi.init mpi_init
    sample start.naive beyond mpi 2 "$perf/mpi_naive" --start
    also start.naive.init mpi_init
}

figures() {
    figure start.local ms start.local
    figure start.local.topology ms start.local.topology
    figure start.local.total ms start.local.total "ProcessPoolExecutor" start.futures
    figure start.mpi ms start.mpi "MPI, by hand" start.naive
    figure start.mpi.topology ms start.mpi.topology
    figure start.mpi.init ms start.mpi.init "MPI, by hand" start.naive.init
}
