# From the submission of a null task to its result, one at a time, beside a ping-pong of the same 8
# bytes by hand. Both sides sleep while they wait, so a wake-up each way is in it; the hand-written
# ones spin, and take a core each for that.
# SPDX-License-Identifier: BSD-3-Clause
about="microseconds from submit to result (to reach: 2 x the raw MPI round trip)"

round() {
    few=20000
    [ -z "$quick" ] || few=4000
    sample latency.local latency "$perf/perf_latency" --workers 1 --items $few
    sample latency.inline latency "$perf/perf_latency" --backend inline --items $few
    [ -z "$have_futures" ] ||
        sample latency.futures latency python3 "$top/tests/perf/futures.py" latency 1
    [ -z "$have_mpi" ] && return
    sample latency.mpi latency mpi 2 "$perf/perf_latency" --driver only --items $few
    sample latency.naive latency mpi 2 "$perf/mpi_naive" --pingpong --items $few
    [ -z "$have_mpi4py" ] || sample latency.mpi4py latency \
        mpi 2 python3 -m mpi4py.futures "$top/tests/perf/futures.py" --mpi latency
}

figures() {
    figure latency.mpi us latency.mpi "MPI, ping-pong by hand" latency.naive
    figure latency.mpi us latency.mpi mpi4py.futures latency.mpi4py
    figure latency.local us latency.local ProcessPoolExecutor latency.futures
    figure latency.inline us latency.inline
}
