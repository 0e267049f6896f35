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
    """Of 200 worlds of 12 pairs where both decide alike, about 5 % are called decided."""
    covered, decided, n = 0, 0, 200
    for k in range(n):
        rows, vectors = world(np.random.default_rng(k), 1.0, 1.0, 0.5, width=6)
        designs = swap_effects.contrasts(rows, vectors)
        row = swap_effects.share_rows(designs, 1.0, STATISTICS)[-1]
        covered += row["low"] <= 0 <= row["high"]
        decided += row["verdict"] in ("higher", "lower")
    assert covered / n >= 0.92 and decided / n <= 0.08


@pytest.mark.parametrize(("latent", "said"), [(2.0, "higher"), (0.5, "lower")])
def test_a_planted_difference_is_found(latent, said):
    rows, vectors = world(np.random.default_rng(1), latent, 1.0, 0.3)
    row = shares(swap_effects.effects(rows, vectors, STATISTICS)).loc[swap_effects.CONTRAST]
    assert row["verdict"] == said and row["p_value"] < 0.05


def test_without_eta_the_latent_decides_all():
    rows, vectors = world(np.random.default_rng(2), 1.0, 1.0, 1.0, etas=(0.0, 1.0))
    found = swap_effects.effects(rows, vectors, STATISTICS)
    calm = found[found["eta"] == 0]
    assert shares(calm)["value"].to_dict() == {
        "latent": 1.0,
        "noise": 0.0,
        "interaction": 0.0,
        swap_effects.CONTRAST: 1.0,
    }
    moved = calm[calm["quantity"] == "distance"].set_index("arm")["value"]
    assert (moved[["swap", "other_noise"]] == 0).all()
    assert moved["other_latent"] == moved["all_other"] > 0
    assert calm["verdict"].isna().all() and found["verdict"].notna().sum() == 1


def test_distances_by_hand():
    rows, _ = world(np.random.default_rng(0), 1, 1, 1, pairs=2, each=1, steps=(1,))
    values = np.zeros((len(rows), 4))
    values[rows["arm"] == "other_noise"] = 2.0
    values[(rows["arm"] == "all_other") & (rows["pair"] == 0)] = [3, 0, 0, 0]
    vectors = {"pixels": values, "features": values}
    moved = swap_effects.distances(rows, vectors).groupby("arm")
    assert moved["pixels"].mean().to_dict() == {
        "all_other": 0.75,  # root of the mean square of 3, 0, 0, 0, and of nothing
        "other_latent": 0.0,
        "other_noise": 2.0,
        "swap": 0.0,
        "unswapped": 0.0,
    }
    assert moved["features"].mean()["other_noise"] == 4.0
    found = swap_effects.effects(rows, vectors, STATISTICS)
    pixels = found[(found["measure"] == "pixels") & (found["quantity"] == "distance")]
    pixels = pixels.set_index("arm")
    assert pixels.loc["other_noise", "of_all"] == pytest.approx(2 / 0.75)
    assert (pixels["n_pairs"] == 2).all() and (pixels["n_images"] == 2).all()


def test_a_lost_picture_is_named():
    rows, vectors = world(np.random.default_rng(0), 1, 1, 1, pairs=2)
    keep = ~((rows["arm"] == "other_noise") & (rows["prompt"] == 1)).to_numpy()
    part = rows[keep].reset_index(drop=True)
    with pytest.raises(ValueError, match="lack their picture of 'other_noise'"):
        swap_effects.effects(part, {"pixels": vectors["pixels"][keep]}, STATISTICS)


def test_features_that_are_not_finite_are_refused():
    images = np.zeros((2, 4, 4, 3), np.uint8)
    assert swap_effects.vectors_of(images)["pixels"].shape == (2, 48)
    with pytest.raises(ValueError, match="features are not finite"):
        swap_effects.vectors_of(images, lambda pictures: np.full((2, 3), np.nan))
