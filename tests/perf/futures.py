"""The baselines of Python: ProcessPoolExecutor, or with --mpi mpi4py.futures.

    futures.py [--mpi] rate|start|latency|queue [WORKERS]

rate: items per second of a map of null items, in chunks of 100. start: milliseconds from the
constructor to the first result. latency: microseconds from submit to result, one at a time.
queue: bytes of memory for each task that waits.
SPDX-License-Identifier: BSD-3-Clause"""
import sys
import time


def null(item):
    return item


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


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
        if words[0] == "latency":
            items = 2000
            start = time.monotonic()
            for item in range(items):
                executor.submit(null, item).result()
            print("latency %.3f" % (1e6 * (time.monotonic() - start) / items))
            return
        if words[0] == "queue":
            items = 100000
            executor.submit(time.sleep, 0.3)
            before = memory()
            futures = [executor.submit(null, item) for item in range(items)]
            print("bytes %.1f" % ((memory() - before) / len(futures)))
            return
        items = 200000
        start = time.monotonic()
        for _ in executor.map(null, range(items), chunksize=100):
            pass
        print("rate %.0f" % (items / (time.monotonic() - start)))


if __name__ == "__main__":
    main()
