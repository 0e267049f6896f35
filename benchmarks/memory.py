"""Peak memory of the jobs that hold most, at the papers' size, beside what they declare.

    python -m benchmarks.memory                      # every job, about an hour and 15 GB of disk
    python -m benchmarks.memory --only gather_pool,score_images.hps --output memory

Each job runs by itself in a process on a CPU: those of the statistics on features drawn at random,
those that run a network with random weights of the published shapes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import network_jobs, statistics_jobs
from seedbed import store

JOBS = statistics_jobs.JOBS | network_jobs.JOBS
STEPS = ("before", "run")


def measured(name: str) -> dict:
    """One row: the job, what it declares, its peak, both in MB."""
    with tempfile.TemporaryDirectory(prefix="seedbed-memory-") as folder:
        for step in STEPS:
            command = [sys.executable, "-m", "benchmarks.memory", f"--{step}", name, folder]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        declared = JOBS[name].declared(Path(folder))
    peak = json.loads(said.splitlines()[-1])["peak_mb"]
    return {"job": name, "declared_mb": declared, "peak_mb": peak}


def main() -> None:
    """Print the table; write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(JOBS), help="jobs, by comma")
    parser.add_argument("--output", help="a path without suffix, for JSON")
    for step in STEPS:
        parser.add_argument(f"--{step}", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    for step in STEPS:
        if getattr(asked, step):
            name, folder = getattr(asked, step)
            getattr(JOBS[name], step)(Path(folder))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(json.dumps({"peak_mb": peak}))
            return
    rows = []
    for name in asked.only.split(","):
        rows.append(measured(name))
        below = "" if rows[-1]["peak_mb"] <= rows[-1]["declared_mb"] else "  ABOVE"
        line = "{job:26} declared {declared_mb:7,} MB  peak {peak_mb:7,} MB"
        print(line.format(**rows[-1]) + below, flush=True)
    if asked.output:
        store.write_json(rows, f"{asked.output}.json")


if __name__ == "__main__":
    main()
