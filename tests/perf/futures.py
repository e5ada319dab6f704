"""The baselines of Python: ProcessPoolExecutor, or with --mpi mpi4py.futures.

    futures.py [--mpi] rate|start [WORKERS]

rate: items per second of a map of null items, in chunks of 100. start: milliseconds from the
constructor to the first result.
SPDX-License-Identifier: BSD-3-Clause"""
import sys
import time


def null(item):
    return item


def main():
    words = [word for word in sys.argv[1:] if word != "--mpi"]
    workers = int(words[1]) if len(words) > 1 else None
    if "--mpi" in sys.argv:
        from mpi4py.futures import MPIPoolExecutor as Executor
    else:
        from concurrent.futures import ProcessPoolExecutor as Executor
    start = time.monotonic()
    with Executor(workers) as executor:
        executor.submit(null, 1).result()
        if words[0] == "start":
            print("total %.3f" % (1e3 * (time.monotonic() - start)))
            return
        items = 200000
        start = time.monotonic()
        for _ in executor.map(null, range(items), chunksize=100):
            pass
        print("rate %.0f" % (items / (time.monotonic() - start)))


if __name__ == "__main__":
    main()
