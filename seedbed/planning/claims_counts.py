"""G22: how many pictures the papers' own config draws of seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedbed import config
from seedbed.ledger.findings import FAILS, HOLDS, File, Finding
from seedbed.plan import Plan
from seedbed.planning.stages import stages
from seedbed.run import shipped

SEEDS, PROMPTS, MODELS = 1024, 22_512, 2
LIBRARY = ("ranking", "library", "survey")
"""Stages that draw every seed of the pool."""


def papers_counts(files: Sequence[File]) -> Iterator[Finding]:
    """The pictures of all seeds, counted from the config and not from pictures.

    Args:
        files: the config of the papers' counts, over the default one.
    """
    for file in files:
        entries = config.merged(config.load(shipped("config.yaml")), config.load(file.path))
        plan = Plan(config.complete(entries))
        drawn = [it for it in stages(plan) if it.name.split(": ")[-1] in LIBRARY]
        images = sum(it.images for it in drawn)
        yield Finding(
            file.about,
            HOLDS if images == SEEDS * PROMPTS * MODELS else FAILS,
            f"{images:,} pictures are planned, none drawn here",
            f"{len(plan.seeds_of_models)} models, a count",
            f"{SEEDS:,} × {PROMPTS:,} × {MODELS} = {SEEDS * PROMPTS * MODELS:,}",
        )
