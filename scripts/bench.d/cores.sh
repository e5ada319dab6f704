# As many workers as cores, rank 0's included, tasks of 1 ms; "uneven": every 20th of 20 ms. The
# hand-written master has a core's worth of ranks beside it: it is one more than the cores.
# SPDX-License-Identifier: BSD-3-Clause
about="share of all cores' time that goes into tasks (to reach: even 0.97, uneven 0.93)"

round() {
    for kind in even uneven; do
        flag=
        [ $kind = even ] || flag=--uneven
        # shellcheck disable=SC2086 # an empty word must vanish
        {
            sample cores.$kind.local efficiency "$perf/perf_cores" $flag --seconds "$seconds"
            [ -z "$have_mpi" ] || sample cores.$kind.mpi efficiency \
                mpi "$cores" "$perf/perf_cores" $flag --seconds "$seconds"
            [ -z "$have_omp" ] || sample cores.$kind.omp efficiency \
                openmp "$perf/omp_tasks" --burn $flag --seconds "$seconds"
            [ -z "$have_mpi" ] || for flight in 1 4; do
                sample cores.$kind.naive$flight efficiency mpi $((cores + 1)) \
                    "$perf/mpi_naive" --burn $flag --flight $flight --seconds "$seconds"
            done
        }
    done
}

figures() {
    for kind in even uneven; do
        for way in local mpi; do
            figure cores.$kind.$way share cores.$kind.$way "OpenMP loop" cores.$kind.omp
            figure cores.$kind.$way share cores.$kind.$way "MPI, 1 in flight" cores.$kind.naive1
            figure cores.$kind.$way share cores.$kind.$way "MPI, 4 in flight" cores.$kind.naive4
        done
    done
}
