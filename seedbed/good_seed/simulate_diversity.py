"""How often diverse seeds come out as less alike in worlds whose truth is known: G18 and G19.

Seeds are chosen on a survey and tried on other prompts, as in a run: a few fixed sets of them
against random groups, and on the survey itself every first seed, crossfitted. In worlds of kind
``unseen`` each seed lays pictures out its own way in the trial and not in the survey: seeds are
chosen by chance there, and the few sets that are tried differ from the pool all the same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.good_seed import worlds
from seedbed.good_seed.claims_composition import decided
from seedbed.good_seed.diverse import Points, select
from seedbed.good_seed.diversity_arms import COMPOSITION, RANDOM
from seedbed.good_seed.diversity_judge import crossfitted, judge, per_group
from seedbed.good_seed.diversity_trial import diverse_groups, random_groups
from seedbed.ledger.findings import HOLDS
from seedbed.statistics.similarity import pairwise

SEEDS, PROMPTS, FEATURES, COUNT, TRIALS = 48, 24, 4, 4, 3
FURTHER = 1000
"""Prompts that nothing is judged on, for what is true of the sets that are tried."""
OFFSET = 4.0
"""What is compared is not negative, as places and sizes are."""
STATISTICS = {"bootstrap": 199, "permutations": 199, "level": 0.95}
MARGINS = {"spread": 0.05, "cost": 0.05}
LAYOUT = 2.0
"""Length of what a seed moves its pictures by; a picture's own noise is 1 in each feature."""
KINDS = {"none": (0.0, 0.0), "unseen": (0.0, LAYOUT), "layout": (LAYOUT, LAYOUT)}
"""What a seed moves its pictures by, in the survey and in the trial."""


def diversity_claims(kind: str, number: int, seed: int) -> list[dict]:
    """The claim in one world, by the trial alone and by both, which is what the ledger asks for.

    Args:
        kind: of ``KINDS``.
        number: of the world; it and ``seed`` decide all that is drawn.
        seed: of the simulation.

    Returns:
        As ``simulate_claims.seed_claims``.
    """
    rng = np.random.default_rng([seed, 200 + list(KINDS).index(kind), number])
    survey, tried, further = _drawn(kind, rng)
    statistics = STATISTICS | {"seed": int(rng.integers(2**31))}
    sets = select(survey, COMPOSITION, COUNT, TRIALS, rng)["trials"]
    trial = _judged(tried, sets, statistics)
    every = crossfitted(survey, COMPOSITION, COUNT, statistics, MARGINS).set_index("measure")
    both, (alone, _) = decided(trial, every.loc["similarity"].to_dict(), no_gain=False)
    covered = float(trial["low"] <= _truth(further, sets) <= trial["high"])
    rows = [
        ("", "diverse seeds are less alike, by the trial alone", alone == HOLDS, covered),
        ("G18, G19", "diverse seeds are less alike, by trial and survey", both == HOLDS, np.nan),
    ]
    keys = ("claims", "about", "holds", "covered")
    return [{"world": kind, **dict(zip(keys, row, strict=True))} for row in rows]


def _drawn(kind: str, rng: np.random.Generator) -> tuple[Points, Points, Points]:
    """Survey, trial and further prompts."""
    cube = worlds.draw("none", SEEDS, 2 * PROMPTS + FURTHER, FEATURES, rng)[0]
    way = rng.normal(size=(SEEDS, 1, FEATURES))
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    surveyed, tried = KINDS[kind]
    cube[:, :PROMPTS] += surveyed * way
    cube[:, PROMPTS:] += tried * way
    parts = np.split(OFFSET + cube.transpose(1, 0, 2), [PROMPTS, 2 * PROMPTS])
    return tuple(
        Points(np.arange(SEEDS), tuple(f"{name}{i}" for i in range(len(part))), part)
        for name, part in zip("stf", parts, strict=True)
    )


def _judged(tried: Points, sets: list[list[int]], statistics: dict) -> dict:
    """What Table 2 says of these sets' similarity."""
    rows = pd.MultiIndex.from_product([tried.prompt_ids, tried.seeds], names=["prompt_id", "seed"])
    vectors = tried.vectors.reshape(len(rows), -1)
    groups = {
        "diverse": diverse_groups(sets, tried.prompt_ids),
        RANDOM: random_groups(
            tried.seeds.tolist(), tried.prompt_ids, COUNT, TRIALS, statistics["seed"]
        ),
    }
    index = rows.to_frame(index=False)
    arms = {arm: per_group(drawn, index, vectors, None) for arm, drawn in groups.items()}
    found = judge(arms, statistics, MARGINS).set_index(["arm", "measure"])
    return found.loc[("diverse", "similarity")].to_dict()


def _truth(further: Points, sets: list[list[int]]) -> float:
    """How much more alike these sets' pictures are than random groups', from many prompts."""
    gaps = [
        np.mean([pairwise(cells[chosen])[0] for chosen in sets]) - pairwise(cells)[0]
        for cells in further.vectors
    ]
    return float(np.mean(gaps))
