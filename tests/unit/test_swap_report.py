"""What is said, drawn and tabulated of exchanged latents and step noise, and of tuned guidance."""

import numpy as np
import pandas as pd
import pytest
from test_swap_effects import STATISTICS, world

from seedbed import store
from seedbed.good_seed import guidance_strength, swap_effects
from seedbed.good_seed.claims_swap import latent_decides
from seedbed.ledger.findings import FAILS, HOLDS, OPEN, File
from seedbed.render.good_seed import guidance_table, swap_figures, swap_table, swap_words
from seedbed.statistics.bootstrap import expanded_level


@pytest.fixture(scope="module")
def study():
    rows, vectors = world(np.random.default_rng(0), 2.0, 1.0, 0.2, etas=(0.0, 1.0), pairs=4)
    rows["seed_i"], rows["seed_j"] = 2 * rows["pair"], 2 * rows["pair"] + 1
    images = np.random.default_rng(1).integers(255, size=(len(rows), 8, 8, 3), dtype=np.uint8)
    vectors["features"] = vectors["pixels"] / 10
    return rows, images, swap_effects.effects(rows, vectors, STATISTICS)


def test_columns_go_from_least_to_most(study):
    order = swap_words.order(study[2])
    assert [swap_words.arm_name(*arm) for arm in order] == [
        "step noise other from step 3",
        "step noise other from step 1",
        "same latent, all step noise other",
        "other latent, same step noise",
        "everything other",
    ]


def test_figures_from_files(study, tmp_path):
    rows, images, effects = study
    paths = {name: str(tmp_path / name) for name in ("rows", "images.npz", "effects")}
    store.write_table(rows, paths["rows"])
    store.write_table(effects, paths["effects"])
    texts = np.array([f"prompt {k}" for k in range(8)])
    store.write_arrays(paths["images.npz"], {"images": images, "texts": texts})
    figure = swap_figures.pictures(paths["rows"], paths["images.npz"], paths["effects"], 2)
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        "0, 1: η = 0",
        "0, 1: η = 1",
        "2, 3: η = 0",
        "2, 3: η = 1",
    ]
    assert "prompt 2" in axis.get_title() and len(axis.get_xticks()) == 6
    canvas = axis.get_images()[0].get_array()
    first = rows.index[(rows["arm"] == "all_other") & (rows["eta"] == 1) & (rows["prompt"] == 0)]
    assert np.array_equal(canvas[9:17, -8:], images[first[0]])
    drawn = swap_figures.differences(paths["effects"], "net")
    assert len(drawn.axes) == 4 and "4 pairs" in drawn.get_suptitle()


def test_the_table_has_a_row_per_quantity(study):
    table = swap_table.swap_table(study[2], "net")
    assert len(table.printed) == 2 * (5 + 4 + 1)
    cells = table.printed.set_index(["Measure", "Quantity"])
    said = cells.loc[("Euclidean distance, net features", "verdict")]
    assert said["η = 0"] == "the initial latent decides all, by construction"
    zero = cells.loc[("RMS, grey levels (0–255)", "same latent, all step noise other"), "η = 0"]
    assert zero == "0.0 [0.0, 0.0] (0 %)"
    assert table.conditions == "n = 4 pairs of seeds, 8 pictures per mean."


def sentence(**verdicts):
    rows = []
    for eta, (latent, noise, said) in verdicts.items():
        level = float(eta[1:]) / 10
        about = {"measure": "pixels", "eta": level, "n_pairs": 9}
        for arm, value in (("latent", latent), ("noise", noise), ("latent_less_noise", None)):
            share = {"quantity": "share", "arm": arm, "value": value, "low": value, "high": value}
            rows.append(about | share | {"verdict": said if value is None else None})
        for step, moved in ((4, 0.75), (36, 0.08)):
            swap = {"quantity": "distance", "arm": "swap", "swap_step": step}
            rows.append(about | swap | {"of_all": moved * (level > 0)})
    return swap_words.swap_sentence(pd.DataFrame(rows), "some-model")


def test_the_sentence_follows_the_verdicts():
    said = sentence(e0=(1.0, 0.0, None), e5=(0.4, 0.1, "higher"), e10=(0.1, 0.5, "lower"))
    assert said == (
        "**What decides the picture** (`some-model`, 9 pairs of seeds): at η = 0 the initial "
        "latent decides all, by construction; at η = 0.5 the initial latent decides more (40 % "
        "[40, 40] of the variance against 10 % [10, 10]); at η = 1 the step noise decides more "
        "(10 % [10, 10] of the variance against 50 % [50, 50]). Step noise exchanged after step 4 "
        "and 36 moves it by 75 % and 8 % of the way to another seed's picture (η = 1)."
    )
    assert "η = 1 both decide alike (" in sentence(e10=(0.3, 0.3, "level"))
    assert "η = 1 undecided (" in sentence(e10=(0.3, 0.2, "undecided"))
    alone = sentence(e0=(1.0, 0.0, None))
    assert alone.endswith("by construction.")


def test_the_claim_is_decided_at_each_eta(study, tmp_path):
    path = str(tmp_path / "seed_swap.csv")

    def verdicts(effects):
        effects.to_csv(path, index=False)
        found = list(latent_decides([File(path)]))
        assert [it.about for it in found] == ["η = 0", "η = 1"]
        assert "4 pairs of seeds, 8 pictures" in found[0].n
        return [it.verdict for it in found]

    effects = study[2]
    assert verdicts(effects) == [HOLDS, FAILS]  # swaps move pictures by what the noise decides
    unseen = effects.copy()
    swaps = (unseen["arm"] == "swap") & (unseen["eta"] == 1)
    unseen.loc[swaps, ["value", "low", "high"]] = 0.01
    contrast = (unseen["arm"] == "latent_less_noise") & (unseen["eta"] == 1)
    for said, expected in (("higher", HOLDS), ("level", OPEN), ("lower", FAILS)):
        unseen.loc[contrast, "verdict"] = said
        assert verdicts(unseen) == [HOLDS, expected]


def test_few_units_are_given_wider_intervals():
    # sqrt(10 / 9) · 2.262, Student's t of 9 degrees, is 2.384 standard deviations out.
    assert (1 - expanded_level(0.95, 10)) / 2 == pytest.approx(0.0086, abs=5e-4)
    assert expanded_level(0.95, 10**6) == pytest.approx(0.95, abs=1e-5)
    assert 0.99 < expanded_level(0.95, 2) < 1
    with pytest.raises(ValueError, match="1 units have no spread"):
        expanded_level(0.95, 1)


# The strength of Particle Guidance

STUDY = {"particles": 2, "coefficients": [4.0, 2.0, 8.0], "max_cost": 0.05, "base_seed": 100} | {
    "bootstrap": 200,
    "level": 0.95,
    "seed": 0,
}


class Scorer:
    """Agreement is 1 less a tenth of the strength that the first pixel holds."""

    def prepare(self, texts):
        self.texts = texts

    def score(self, images, texts):
        assert texts == [0, 0, 1, 1, 2, 2] and len(self.texts) == 3
        return 1 - 0.01 * images[:, 0, 0, 0].astype(float)


def extract(images):
    """Vectors that lie the further apart the stronger they were guided."""
    strength = images[:, 0, 0, 0].astype(float)
    side = np.arange(len(images)) % 2
    return np.stack([1 + strength * side, np.ones(len(images))], axis=1)


@pytest.fixture
def tuned(monkeypatch):
    seen = []

    def draw(drawing, texts, seeds, coefficient, features):
        seen.append(([list(group) for group in seeds], coefficient))
        images = np.zeros((3, 2, 4, 4, 3), np.uint8)
        images[:, :, 0, 0, 0] = int(coefficient)
        return images

    monkeypatch.setattr(guidance_strength, "draw_groups", draw)
    found = guidance_strength.tune(None, ["a", "b", "c"], STUDY, Scorer(), extract)
    assert [c for _, c in seen] == [0.0, 2.0, 4.0, 8.0]
    assert all(groups == [[100, 101], [102, 103], [104, 105]] for groups, _ in seen)
    return found


def test_the_furthest_within_the_cost_is_chosen(tuned):
    rows, best = tuned
    assert best == {"coefficient": 4.0, "max_cost": 0.05}
    assert rows["cost"].tolist() == pytest.approx([0, 0.02, 0.04, 0.08])
    assert rows["distance"].tolist() == pytest.approx([0, 2, 4, 8])
    assert (rows["similarity"] <= 1).all() and rows["similarity"][0] == pytest.approx(1)
    assert rows["allowed"].tolist() == [True, True, True, False]
    assert rows["chosen"].tolist() == [False, False, True, False] and not rows["at_edge"].any()
    assert (rows["n_prompts"] == 3).all() and (rows["n_images"] == 6).all()


def test_features_without_gradients_are_refused():
    with pytest.raises(ValueError, match="features: net gives no gradients"):
        guidance_strength.features_of(extract, "net")


def test_the_table_says_who_cannot_be_guided(tuned):
    names = {"scorer": "agreement", "extractor": "net"}
    table = guidance_table.strengths_table({"several": tuned[0]}, ["turbo"], names)
    printed = table.printed.set_index("Coefficient")
    assert printed.loc["4", "Chosen"] == "yes"
    assert printed.loc["8", "Chosen"] == "no: costs too much"
    assert printed.loc["0 (plain)", "Cost"] == "–"
    assert printed.loc["4", "Cost"] == "+0.040 [+0.040, +0.040]"
    assert printed.loc["not defined for one step", "Model"] == "turbo"
