"""The parts of an archive on Dask workers: dask_batch.py INPUT OUTPUT [options of `batch`].

Each task makes one part by the command line program. A part is whole or absent and depends on its
exams and the settings alone, so a worker may die, and a part may be made twice, without a byte
changing. Run it again to go on where it was stopped.

    pip install "dask[distributed]"
    python dask_batch.py signals.parquet out --lead V7,V8 --workers 2

On a cluster give --scheduler tcp://HOST:8786; INPUT and OUTPUT must then be on a shared disk, and
the program on each worker's PATH (or in ECG_PANORAMA).
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys

from dask.distributed import Client, LocalCluster, as_completed

PROGRAM = os.environ.get("ECG_PANORAMA", "ecg-panorama")


def command(arguments, options):
    """The command that makes parts."""
    tables = ["--format", "parquet", "--part-size", str(arguments.part_size)]
    return [PROGRAM, "batch", arguments.input, "--output", arguments.output, *tables, *options]


def make(command, output, part):
    """Makes one part, unless it is there already. Exit code 1 may mean that an exam in it could not
    be read: its row says so. The table of exams is written last."""
    run = subprocess.run([*command, "--resume", "--part", str(part)], capture_output=True, text=True)
    done = pathlib.Path(output, "exams", f"part-{part:06}.parquet")
    if run.returncode not in (0, 1) or not done.exists():
        raise RuntimeError(f"part {part}: {run.stderr.strip()}")
    return part


def lose(client):
    """Kills one worker as a failing machine would."""
    worker = next(iter(client.run(os.getpid).values()))
    os.kill(worker, signal.SIGKILL)
    print(f"killed worker {worker}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--part-size", type=int, default=256)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scheduler", help="address of a running scheduler")
    parser.add_argument("--lose-worker", action="store_true", help="kill one in the middle, to see that nothing is lost")
    arguments, options = parser.parse_known_args()
    batch = command(arguments, options)
    count = int(subprocess.run([*batch, "--count-parts"], check=True, capture_output=True, text=True).stdout)
    local = LocalCluster(n_workers=arguments.workers, threads_per_worker=1, dashboard_address=None) if not arguments.scheduler else None
    with Client(local or arguments.scheduler) as client:
        tasks = client.map(lambda part: make(batch, arguments.output, part), range(count), retries=2, pure=False)
        for done, task in enumerate(as_completed(tasks), 1):
            print(f"part {task.result()} is there, {done} of {count}", file=sys.stderr)
            if arguments.lose_worker and done == max(1, count // 3):
                lose(client)
    if local:
        local.close()


if __name__ == "__main__":
    main()
