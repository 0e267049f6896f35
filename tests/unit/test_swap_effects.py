"""What Figure 2 says of worlds whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from seedbed.good_seed import swap_effects
from seedbed.sampling.seed_swap import arms_of

STATISTICS = {"bootstrap": 400, "permutations": 400, "level": 0.95, "seed": 3}
SCALES = {
    "latent alone": (1.0, 0.0, 0.0),
    "both alike": (1.0, 1.0, 0.0),
    "noise more, and together": (0.5, 1.0, 0.5),
}


def world(rng, latent, noise, interaction, pairs=12, each=2, width=30, etas=(1.0,), steps=(1, 3)):
    """Rows and vectors of pictures that are a sum of independent effects, of the given sds."""
    rows, vectors = [], []
    for eta in etas:
        of_latent = rng.normal(0, latent, (pairs * each, 2, width))
        of_noise = rng.normal(0, noise * (eta > 0), (pairs * each, 2, width))
        of_both = rng.normal(0, interaction * (eta > 0), (pairs * each, 2, 2, width))
        for arm in arms_of(steps):
            # A restart of the generator gives noise that is neither's.
            fresh = arm.swap_step is not None
            extra = rng.normal(0, noise * (eta > 0), (pairs * each, width)) if fresh else 0.0
            mine = 0.0 if fresh else of_noise[:, arm.noise]
            values = of_latent[:, arm.latent] + mine + of_both[:, arm.latent, arm.noise] + extra
            vectors.append(values)
            step = 4 if arm.swap_step is None else arm.swap_step
            rows += [
                {"eta": eta, "arm": arm.name, "swap_step": step, "pair": p // each, "prompt": p}
                for p in range(pairs * each)
            ]
    return pd.DataFrame(rows), {"pixels": np.concatenate(vectors)}


def shares(frame):
    return frame[frame["quantity"] == "share"].set_index("arm")


@pytest.mark.parametrize("truth", SCALES.values(), ids=SCALES)
def test_shares_are_those_of_the_world(truth):
    rows, vectors = world(np.random.default_rng(0), *truth, pairs=400, each=1)
    found = shares(swap_effects.effects(rows, vectors, STATISTICS))["value"]
    expected = np.square(truth) / np.sum(np.square(truth))
    assert found[list(swap_effects.SHARES)].to_numpy() == pytest.approx(expected, abs=0.02)
    assert found[list(swap_effects.SHARES)].sum() == pytest.approx(1)
    assert found[swap_effects.CONTRAST] == pytest.approx(found["latent"] - found["noise"])


def test_intervals_and_verdicts_are_right_as_often_as_they_say():
    """500 worlds: of 12 pairs as the run has, a chance picture is called decided in 5 % at most."""
    covered, decided, n = 0, 0, 200
    for k in range(n):
        rows, vectors = world(np.random.default_rng(k), 1.0, 1.0, 0.5, width=6)
        row = shares(swap_effects.effects(rows, vectors, STATISTICS)).loc[swap_effects.CONTRAST]
        covered += row["low"] <= 0 <= row["high"]
        decided += row["verdict"] in ("higher", "lower")
    print(covered / n, decided / n)
    assert covered / n > 0.88 and decided / n < 0.08
