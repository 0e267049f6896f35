"""Seeds scored and judged on made-up features whose truth is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed.golden import select_on
from seedbed.good_seed.study import Measured, feature_cube, score, verdicts

STATISTICS = {"bootstrap": 50, "permutations": 50, "level": 0.9, "seed": 0}
SEEDS, PROMPTS, D = 12, 40, 6


def made(effect: float):
    """Seed s is shifted by s · effect in every feature and scored lower by the same."""
    rng = np.random.default_rng(1)
    prompts = pd.DataFrame(
        {
            "prompt_id": [f"p{i:03d}" for i in range(2 * PROMPTS)],
            "split": ["set1"] * PROMPTS + ["set2"] * PROMPTS,
        }
    )
    index = pd.MultiIndex.from_product(
        [range(SEEDS), prompts["prompt_id"]], names=["seed", "prompt_id"]
    ).to_frame(index=False)
    shift = effect * index["seed"].to_numpy()[:, None]
    features = rng.normal(size=(len(index), D)) + shift
    scores = index.assign(score=rng.normal(size=len(index)) - shift[:, 0])
    return prompts, Measured(index, features, rng.normal(size=(500, D)), scores)


def test_a_planted_effect_is_found_on_both_sets():
    frame, _, evidence = score(*made(0.3), range(SEEDS), STATISTICS)
    on = frame[frame["split"] == "set1"].set_index("seed")
    assert on["fd"].idxmin() <= 1 and on["fd"].idxmax() == SEEDS - 1
    assert on["preference"].idxmax() <= 1
    assert evidence["set1_against_set2"]["fd"]["correlation"]["rho"] > 0.9
    assert evidence["set1"]["preference"]["gap_p_value"] == pytest.approx(1 / 51)
    assert evidence["fd_against_preference"]["set1"]["rho"] > 0.9
    assert ((on["fd_low"] <= on["fd"]) & (on["fd"] <= on["fd_high"])).all()


def test_effects_stand_in_table_and_figure(tmp_path):
    """What is found of each score, printed and drawn."""
    from seedbed.render.good_seed import effects_table, ranking_figures

    frame, images, evidence = score(*made(0.3), range(SEEDS), STATISTICS)
    store.write_table(frame, tmp_path / "scores.parquet")
    store.write_json(evidence, tmp_path / "evidence.json")
    files = [str(tmp_path / "scores.parquet")], [str(tmp_path / "evidence.json")]
    names = {m: m.upper() for m in ("fd", "mmd_alone", "fdi", "mmd", "preference")}
    study = {"model": "toy", "ranking": "net+clip", "metrics": names}
    table = effects_table.seed_effects([study], *files)
    row = table.full.set_index("metric").loc["fd"]
    means = frame.groupby("seed")["fd"].mean()
    assert (row["best"], row["worst"]) == (means.min(), means.max())
    assert row["verdict"] == "some are better" and row["n_prompts"] == 2 * PROMPTS
    printed = table.printed.set_index("Score")
    assert printed.loc["MMD", "Verdict"] == "carries over"
    assert printed.loc["FD", "Share of an image's variance"] == "–"
    assert len(images) == SEEDS * 2 * PROMPTS
    assert set(images) >= {"seed", "prompt_id", "split", "fdi", "mmd", "preference"}
    for metric in ("fd", "preference"):
        figure = ranking_figures.sorted_seeds(["toy"], metric, metric.upper(), *files)
        assert len(figure.axes) == 2 and "some are better" in figure.axes[0].get_title()


@pytest.mark.parametrize(
    ("differ", "expected"),
    [
        ({"fd": True, "preference": True}, ["some are better", "some are better"]),
        ({"fd": True, "preference": False}, ["carries over", "undecided"]),
        ({"fd": True}, ["carries over"]),
        ({"fdi": True, "preference": True}, ["carries over", "some are better"]),
        ({"mmd_alone": False, "preference": True}, ["undecided", "some are better"]),
    ],
)
def test_a_distance_says_better_only_where_preference_does(differ, expected):
    assert list(verdicts(differ).values()) == expected


def test_the_first_half_of_the_real_pictures_ranks():
    prompts, measured = made(0.3)
    half = replace(measured, reference=np.concatenate([measured.reference[:250]] * 2))
    first, _, evidence = score(prompts, measured, range(SEEDS), STATISTICS)
    second, *_ = score(prompts, half, range(SEEDS), STATISTICS)
    pd.testing.assert_frame_equal(first, second)
    assert evidence["n_reference"] == 250


def test_no_effect_stays_within_its_null():
    _, _, evidence = score(*made(0.0), range(SEEDS), STATISTICS)
    assert evidence["set1"]["preference"]["gap_p_value"] > 0.05
    low = evidence["set1_against_set2"]["preference"]["correlation"]["low"]
    assert low < 0.3


def test_scores_do_not_depend_on_the_order_of_rows():
    prompts, measured = made(0.1)
    order = np.random.default_rng(3).permutation(len(measured.index))
    mixed = Measured(
        measured.index.iloc[order].reset_index(drop=True),
        measured.features[order],
        measured.reference,
        measured.scores.sample(frac=1, random_state=1),
    )
    first, *_ = score(prompts, measured, range(SEEDS), STATISTICS)
    second, *_ = score(prompts, mixed, range(SEEDS), STATISTICS)
    pd.testing.assert_frame_equal(first, second)


def test_missing_image_is_named():
    _, measured = made(0.0)
    index, features = measured.index, measured.features
    with pytest.raises(ValueError, match="seed 0, prompt 'p000' is missing"):
        feature_cube(index.iloc[1:], features[1:], list(range(SEEDS)), ["p000", "p001"])


def test_selection_on_scores_of_the_study():
    frame, *_ = score(*made(0.3), range(SEEDS), STATISTICS)
    chosen = select_on(frame, "set1", 0.25)
    assert chosen.n_pool == SEEDS and set(chosen.seeds) <= {0, 1, 2, 3}


@pytest.mark.parametrize("missing", ["features", "scores"])
def test_one_kind_of_score_alone_ranks_and_is_as_beside_the_other(missing):
    """Without real pictures there is no distance, without a scorer no preference."""
    prompts, measured = made(0.3)
    both, _, evidence = score(prompts, measured, range(SEEDS), STATISTICS)
    gone = {"index": None, "features": None, "reference": None} if missing == "features" else {}
    gone |= {"scores": None} if missing == "scores" else {}
    alone, _, found = score(prompts, replace(measured, **gone), range(SEEDS), STATISTICS)
    metric = "preference" if missing == "features" else "fd"
    columns = [c for c in both if c.split("_")[0] == metric]
    pd.testing.assert_frame_equal(alone[columns], both[columns])
    mine = {"preference"} if missing == "features" else {"fd", "fdi", "mmd", "mmd_alone"}
    assert set(found["set1"]) == mine and "fd_against_preference" not in found
    assert found["set1"][metric] == evidence["set1"][metric]
    chosen = select_on(alone, "set1", 0.25)
    assert chosen.k == 3 and chosen.k_expected is None and set(chosen.seeds) <= {0, 1, 2, 3}


def test_nothing_measured_is_refused():
    with pytest.raises(ValueError, match="neither features nor scores"):
        Measured.read([], [], [])


@pytest.mark.parametrize("kind", ["index", "scores"])
def test_a_pool_that_shrank_or_grew_is_refused(kind):
    """What was asked for decides, not what is there."""
    prompts, measured = made(0.0)
    rows = getattr(measured, kind)
    half = rows["seed"] < SEEDS // 2
    kept = {"index": measured.index[half], "features": measured.features[half]}
    fewer = replace(measured, **(kept if kind == "index" else {"scores": rows[half]}))
    with pytest.raises(ValueError, match="of seed 6, prompt 'p000' is missing"):
        score(prompts, fewer, range(SEEDS), STATISTICS)
    with pytest.raises(ValueError, match="the image of seed 11, prompt p000 was not asked for"):
        score(prompts, measured, range(SEEDS - 1), STATISTICS)
    with pytest.raises(ValueError, match="prompt p079 was not asked for"):
        score(prompts.iloc[:-1], measured, range(SEEDS), STATISTICS)
