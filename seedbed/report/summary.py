"""What a finished run prints: where report, tables and figures are, and each stage's time."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
import yaml

from seedbed.progress import clock

STAGES = {
    "prompts": "prompts",
    "images": "images",
    "features": "features",
    "scores": "preference and layout scores",
    "seeds": "seed statistics",
    "good_seed": "Good Seed, tables and figures",
    "layouts": "layouts",
    "tickets": "tickets: collection, tests, scenes",
    "detections": "detections",
    "lottery_ticket": "Lottery Ticket, tuning, tables and figures",
    "storybook": "model quality, contact sheets",
}


def stage_times(run: Path) -> pd.DataFrame:
    """Per stage: jobs, and their summed wall-clock seconds, from the benchmark files.

    Jobs run side by side, so the sum exceeds the time that passed.
    """
    rows = []
    for stage, name in STAGES.items():
        files = sorted((run / "benchmarks" / stage).rglob("*.tsv"))
        seconds = sum(float(pd.read_csv(f, sep="\t")["s"].sum()) for f in files)
        if files:
            rows.append({"stage": name, "jobs": len(files), "seconds": seconds})
    return pd.DataFrame(rows, columns=["stage", "jobs", "seconds"])


def summarize(run: Path) -> str:
    """The summary as text.

    Raises:
        FileNotFoundError: the run has no results.
    """
    if not (run / "benchmarks").is_dir():
        raise FileNotFoundError(f"{run}: nothing has run there yet; run snakemake first")
    times = stage_times(run)
    lines = ["", f"Results of {run}"]
    for name, pattern in (
        ("report", "report.*"),
        ("tables", "*/*.md"),
        ("figures", "*/**/*.png"),
    ):
        for path in sorted(run.glob(pattern)):
            lines.append(f"  {name:8} {path}")
    lines += ["", "Time of each stage, jobs summed"]
    for row in times.itertuples(index=False):
        lines.append(f"  {row.stage:44} {clock(row.seconds):>8}   {row.jobs} jobs")
    return "\n".join([*lines, ""])


def main() -> None:
    """``python -m seedbed.report.summary --configfile config.yaml``"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configfile", type=Path, default=Path("config.yaml"))
    run = yaml.safe_load(parser.parse_args().configfile.read_text(encoding="utf-8"))["run"]
    print(summarize(Path("results") / run))


if __name__ == "__main__":
    main()
