"""What a finished run prints: report, tables and figures, each stage's time, what was left out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from seedbed import config, store
from seedbed.plan import Plan
from seedbed.progress import clock
from seedbed.run import shipped

DEFAULT = "config.yaml"
STAGES = {
    "prompts": "prompts",
    "layouts": "layouts",
    "images": "images",
    "features": "features",
    "scores": "preference and layout scores",
    "detections": "detections",
    "seeds": "seed statistics",
    "tickets": "tickets: collection, tests",
    "tuning": "constants on held-out layouts",
    "good_seed": "Good Seed, tables and figures",
    "lottery_ticket": "Lottery Ticket, tables and figures",
    "storybook": "model quality",
}
"""Readable names of folders below benchmarks/, in the order of a run."""


def stage_times(run: Path) -> pd.DataFrame:
    """Per stage: jobs, and their summed wall-clock seconds, from the benchmark files.

    Jobs run side by side, so the sum exceeds the time that passed.

    Args:
        run: its folder; a stage is a folder below its ``benchmarks/``.
    """
    folder = run / "benchmarks"
    there = sorted(path.name for path in folder.glob("*") if path.is_dir())
    order = [*(s for s in STAGES if s in there), *(s for s in there if s not in STAGES)]
    rows = []
    for stage in order:
        files = sorted((folder / stage).rglob("*.tsv"))
        if files:
            seconds = sum(map(_seconds, files))
            rows.append({"stage": STAGES.get(stage, stage), "jobs": len(files), "seconds": seconds})
    return pd.DataFrame(rows, columns=["stage", "jobs", "seconds"])


def _seconds(path: Path) -> float:
    # A job that was killed may leave its file empty.
    try:
        found = pd.read_csv(path, sep="\t")
    except pd.errors.EmptyDataError:
        return 0.0
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: no table of times ({reason}); delete it") from error
    return float(pd.to_numeric(found.get("s", pd.Series(dtype=float)), errors="coerce").sum())


def collection_times(plan: Plan) -> list[str]:
    """A line per model: what a map of its ticket collection took, from benchmarks and counts.

    A result holds no time, so that two equal runs are equal; this is where it is told.
    """
    lines = []
    for model in plan.ticket_models:
        parts = [
            (_seconds(times), store.read_json(counts))
            for part in plan.noises
            if (times := Path(plan.run.benchmark(f"tickets/{model}/{part}"))).is_file()
            and (counts := Path(plan.run.tickets(model, f"{part}.json"))).is_file()
        ]
        seconds = sum(took for took, _ in parts)
        maps = sum(count["pairs"] * count["noises"] for _, count in parts)
        if maps:
            lines.append(
                f"Tickets of {model}: {maps} maps, {1000 * seconds / maps:.3g} ms each, loading "
                "included (the paper: 150 ms on a V100)"
            )
    return lines


def summarize(run: Path, left_out: Sequence[str] = (), times: Sequence[str] = ()) -> str:
    """The summary as text.

    Args:
        run: its folder.
        left_out: lines that say what does not apply to it.
        times: lines that say what else took how long.

    Raises:
        FileNotFoundError: the run has no results.
    """
    if not (run / "benchmarks").is_dir():
        raise FileNotFoundError(f"{run}: nothing has run there yet; run snakemake first")
    lines = ["", f"Results of {run}"]
    for name, pattern in (
        ("report", "report.*"),
        ("tables", "*/**/*.md"),
        ("figures", "*/**/*.png"),
    ):
        for path in sorted(run.glob(pattern)):
            lines.append(f"  {name:8} {path}")
    lines += ["", "Time of each stage, jobs summed"]
    for row in stage_times(run).itertuples(index=False):
        lines.append(f"  {row.stage:44} {clock(row.seconds):>8}   {row.jobs} jobs")
    for more in (times, left_out):
        if more:
            lines += ["", *more]
    return "\n".join([*lines, ""])


def plan_of(configfiles: Sequence[Path]) -> Plan:
    """The run that ``--configfile`` asks for.

    Args:
        configfiles: over ``config.yaml``, the last on top.

    Raises:
        ConfigError: one of them is no config, or all together are none.
    """
    found = config.load(shipped(DEFAULT))
    for path in configfiles:
        found = config.merged(found, config.load(path))
    return Plan(config.complete(found))


def main() -> None:
    """``python -m seedbed.render.summary --configfile configs/smoke.yaml``"""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configfile", type=Path, nargs="+", default=[])
    parser.add_argument("--folder", action="store_true", help="print the run's folder alone")
    given = parser.parse_args()
    try:
        plan = plan_of(given.configfile)
        if given.folder:
            print(plan.run.folder)
        else:
            run = Path(plan.run.folder)
            print(summarize(run, plan.left_out, collection_times(plan)))
    except (ValueError, OSError) as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()
