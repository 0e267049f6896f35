"""Time what Snakemake itself does: listing the jobs of a config, and planning it.

    python -m benchmarks.workflow --configfile configs/paper.yaml

Goals: every job of the papers listed in 30 s, the plan in 5 s, on an idle core.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import time

TASKS = {"jobs listed": ["-n", "-q", "rules"], "plan": ["plan"]}


def main() -> None:
    """Print seconds and processor seconds of each task."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", default="configs/paper.yaml")
    asked = parser.parse_args()
    for name, arguments in TASKS.items():
        command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        said = subprocess.run(
            [*command, "--configfile", asked.configfile], check=True, capture_output=True, text=True
        )
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        jobs = re.search(r"^total\s+(\d+)", said.stdout + said.stderr, re.MULTILINE)
        of = f", {int(jobs[1]):,} jobs" if jobs and name != "plan" else ""
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{name}: {wall:.1f} s, {spent:.1f} s of a core{of}")


if __name__ == "__main__":
    main()
