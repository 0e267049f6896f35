"""How often claims about seeds come out as holding in worlds whose truth is known: G1 to G4.

The worlds are those of ``worlds``; scores and verdicts are made by the functions that judge a run.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from seedbed.good_seed import worlds
from seedbed.good_seed.claims_golden import ALPHA
from seedbed.good_seed.rank import split_half
from seedbed.good_seed.study import BETTER, verdicts
from seedbed.statistics import frechet
from seedbed.statistics.cross_sets import cross_covariance

SEEDS, PROMPTS, FEATURES, TOP = 24, 48, 4, 6
FURTHER = 20
"""Sets of prompts that nothing is judged on, for what is true of a world's seeds."""
LEVEL, DRAWS = 0.95, 199


def seed_claims(kind: str, number: int, seed: int) -> list[dict]:
    """Claims of one world.

    Args:
        kind: of ``worlds.KINDS``.
        number: of the world; it and ``seed`` decide all that is drawn.
        seed: of the simulation.

    Returns:
        A row per claim: ``claims`` (empty for what no claim rests on alone), ``about``, ``world``
        (its kind), ``holds``, and where an interval has a truth ``covered`` (1.0 or 0.0, else NaN).
        What is true of distances is so of these real pictures.
    """
    rng = np.random.default_rng([seed, worlds.KINDS.index(kind), number])
    cube, scores, real = worlds.draw(kind, SEEDS, (2 + FURTHER) * PROMPTS, FEATURES, rng)
    reference = frechet.Reference.from_features(real[: len(real) // 2])
    halves = (slice(0, PROMPTS), slice(PROMPTS, 2 * PROMPTS))
    sets = {
        "distance": [frechet.per_seed(cube[:, half], reference) for half in halves],
        "preference": [scores[:, half].mean(axis=1) for half in halves],
    }
    truths = {
        "distance": _covariance(cube[:, 2 * PROMPTS :], reference),
        "preference": worlds.PLANTED**2 if kind == "planted" else 0.0,
    }
    rows, differ = [], {}
    draws = int(rng.integers(2**31))
    for name, (one, two) in sets.items():
        shared = cross_covariance(one, two, DRAWS, draws, LEVEL)
        better = shared.low > 0 and shared.p_value < 1 - LEVEL
        differ[name] = better
        covered = float(shared.low <= truths[name] <= shared.high)
        about = f"some seeds are better, by {name} alone"
        rows.append(("", about, better, covered))
        index = range(SEEDS)
        rho = split_half(
            pd.Series(one, index=index),
            pd.Series(two, index=index),
            n_boot=DRAWS,
            seed=draws,
            level=LEVEL,
        )
        claim = "G2" if name == "distance" else "G3"
        rows.append((claim, f"rankings by {name} agree", rho.correlation.low > 0, np.nan))
    told = verdicts({"fd": differ["distance"], "preference": differ["preference"]})
    both = told["fd"] == BETTER
    rows.append(("G1", "some seeds are better, by both", both, np.nan))
    orders = (sets["distance"][0], -sets["preference"][0])
    nearest, preferred = (np.argsort(scores_of)[:TOP] for scores_of in orders)
    golden = set(nearest) & set(preferred)
    p_value = float(hypergeom.sf(len(golden) - 1, SEEDS, TOP, TOP))
    rows.append(("G4", "more golden seeds than chance gives", p_value < ALPHA, np.nan))
    keys = ("claims", "about", "holds", "covered")
    return [{"world": kind, **dict(zip(keys, row, strict=True))} for row in rows]


def _covariance(cube: np.ndarray, reference: frechet.Reference) -> float:
    """What two sets have in common in distance to these real pictures, from many sets."""
    sets = [frechet.per_seed(part, reference) for part in np.split(cube, FURTHER, axis=1)]
    one, two = (np.mean(half, axis=0) for half in (sets[::2], sets[1::2]))
    return float(np.cov(one, two)[0, 1])
