# A full binary tree of tasks that do nothing but make two more, two million of them.
# SPDX-License-Identifier: BSD-3-Clause
about="tasks that make tasks, per second"

round() {
    sample tree.local rate "$perf/perf_submit" --tree
    sample tree.inline rate "$perf/perf_submit" --tree --backend inline
    [ -z "$have_omp" ] || sample tree.omp rate openmp "$perf/omp_tasks" --tree
    [ -z "$have_mpi" ] || sample tree.mpi rate mpi "$cores" "$perf/perf_submit" --tree
}

figures() {
    for way in local mpi inline; do
        figure tree.$way tasks/s tree.$way "OpenMP tasks" tree.omp
    done
}
