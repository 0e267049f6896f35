"""Grad-CAM of seed classifiers: by hand on a toy network, and how areas are told."""

import numpy as np
import pandas as pd
import pytest
import torch
from test_seed_classifier import SETTINGS, SIDE, STATISTICS, world

from seedbed import store
from seedbed.good_seed.classifier.explanation import explain
from seedbed.good_seed.classifier.fits import fit_group
from seedbed.good_seed.classifier.gradcam import KINDS, area, areas, maps_of
from seedbed.good_seed.classifier.network import build
from seedbed.render.good_seed.classifier_figures import curves_figure
from seedbed.render.good_seed.classifier_table import accuracies, classifier
from seedbed.render.good_seed.gradcam_figure import gradcam_figure
from seedbed.render.good_seed.gradcam_table import concentration, gradcam_areas


class Toy(torch.nn.Module):
    """One layer of two channels; class 0 likes the first, class 1 the second less the first."""

    def __init__(self):
        super().__init__()
        self.body = torch.nn.Module()
        self.body.stages = torch.nn.Conv2d(3, 2, 1, bias=False)
        weight = torch.tensor([[1.0, 0, 0], [0, 1.0, 0]]) / 255
        self.body.stages.weight = torch.nn.Parameter(weight[:, :, None, None])
        self.head = torch.nn.Linear(2, 2, bias=False)
        self.head.weight = torch.nn.Parameter(torch.tensor([[1.0, 0.0], [-1.0, 1.0]]))

    def forward(self, x):
        return self.head(self.body.stages(x).mean((2, 3)))


def test_maps_are_those_by_hand():
    """The gradient of a logit is w / places in each channel, so the map is ReLU(Σ w A), scaled."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    for target, weights in ((0, (1, 0)), (1, (-1, 1))):
        found = maps_of(Toy(), pixels, np.full(3, target), "stages")
        raw = np.maximum(pixels[..., :2] / 255.0 @ np.array(weights), 0)
        low, high = (f(raw, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
        np.testing.assert_allclose(found, (raw - low) / (high - low), atol=1e-4)


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"gradcam.layers: the network has no layer stages.9"):
        maps_of(build(SETTINGS, 3, 0), np.zeros((1, SIDE, SIDE, 3), np.uint8), [0], "stages.9")


def test_areas():
    maps = np.zeros((4, 4, 4))
    maps[0] = 0.3
    maps[1, 2, 1] = 0.9
    maps[2, :2] = 1.0
    np.testing.assert_allclose(area(maps), [1, 1 / 16, 1 / 2, np.nan])


def test_maps_of_real_networks_have_every_layer_and_kind():
    data = world(3, 4, True, np.random.default_rng(0))
    nets = {"trained": build(SETTINGS, 3, 0), "untrained": build(SETTINGS, 3, 1)}
    layers = ["stages.0", "stages.2", "stages.3"]
    found = areas(nets, data.pixels, data.labels, layers, np.random.default_rng(0))
    assert found.groupby(["layer", "kind"]).size().to_dict() == {
        (layer, kind): 12 for layer in layers for kind in KINDS
    }
    known = found["area"].dropna()
    assert len(known) and ((known > 0) & (known <= 1)).all()


def planted_areas(rng, gap):
    """Areas of 30 seeds × 4 prompts: seeds differ, and the own seed's maps are smaller by a gap."""
    rows = []
    for seed in range(30):
        base = rng.normal(0.5, 0.05)
        for prompt in range(4):
            for kind in KINDS:
                shift = -gap if kind == "own seed" else 0
                value = base + shift + rng.normal(0, 0.05)
                rows.append((seed, f"p{prompt}", "stages.3", kind, value))
    return pd.DataFrame(rows, columns=["seed", "prompt_id", "layer", "kind", "area"])


def test_a_planted_concentration_is_found_and_none_is_not():
    rng = np.random.default_rng(1)
    for gap, expected in ((0.2, "lower"), (0.0, "level")):
        rows = concentration(planted_areas(rng, gap), STATISTICS).set_index("kind")
        for kind in KINDS[1:]:
            assert rows.loc[kind, "verdict"] == expected
            assert rows.loc[kind, "difference"] == pytest.approx(-gap, abs=0.03)
        assert (rows["low"] < rows["area"]).all() and (rows["n_pictures"] == 120).all()


def test_empty_maps_are_counted():
    frame = planted_areas(np.random.default_rng(1), 0.1)
    frame.loc[frame.index[:6], "area"] = np.nan
    rows = concentration(frame, STATISTICS).set_index("kind")
    assert rows["empty"].to_dict() == dict.fromkeys(KINDS, 2)
    frame.loc[frame["kind"] == "untrained", "area"] = np.nan
    rows = concentration(frame, STATISTICS).set_index("kind")
    assert rows.loc["untrained", "verdict"] == "" and rows.loc["untrained", "empty"] == 120


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """What the jobs of one model leave, from a tiny world."""
    folder = tmp_path_factory.mktemp("classifier")
    data = world(4, 20, True, np.random.default_rng(2))
    settings = SETTINGS | {
        "epochs": 1,
        "gradcam": {
            "layers": ["stages.1", "stages.3"],
            "prompts": 2,
            "shown_seeds": 2,
            "shown_prompts": 2,
        },
    }
    groups = {
        "prompt": [{"variant": "whole", "split": "prompt", "per_seed": None}],
        "image": [{"variant": "whole", "split": "image", "per_seed": None}],
        "controls": [{"variant": "grey", "split": "prompt", "per_seed": None}],
        "sizes": [{"variant": "whole", "split": "prompt", "per_seed": 4}],
    }
    files = {"hits": [], "curves": []}
    for name, group in groups.items():
        fitted = fit_group(data, group, settings, folder / "checkpoints")
        if name == "prompt":
            explained = explain(data, fitted.weights, settings)
        for kind, frame in (("hits", fitted.hits), ("curves", fitted.curves)):
            files[kind].append(str(folder / f"{name}.{kind}.parquet"))
            store.write_table(frame, files[kind][-1])
    files["areas"] = str(folder / "areas.parquet")
    store.write_table(explained.areas, files["areas"])
    return files, explained


def test_explained_pictures_are_those_of_unseen_prompts(left):
    files, explained = left
    hits = store.read_table(files["hits"][0])
    tested = set(hits["prompt_id"])
    assert set(explained.areas["prompt_id"]) < tested
    assert set(explained.shown["prompt_ids"]) < tested
    assert explained.shown["maps"].shape == (2, 4, SIDE, SIDE)
    said = hits.set_index(["seed", "prompt_id"])["said"]
    for k, (seed, prompt) in enumerate(
        zip(explained.shown["seeds"], explained.shown["prompt_ids"], strict=True)
    ):
        assert explained.shown["said"][k] == said[seed, prompt]


def test_the_table_says_n_chance_and_paper(left):
    files, _ = left
    models = [{"model": "m", "paper": {"column": "SD 2.0", "same": False}}]
    paper = "resources/paper/good_seed_classifier.csv"
    table = classifier(models, STATISTICS, files["hits"], files["curves"], paper)
    ours = table.full[table.full["source"] == "ours"]
    assert ours[["variant", "split", "per_seed"]].to_numpy().tolist() == [
        ["whole", "prompt", 12],
        ["whole", "image", 12],
        ["grey", "prompt", 12],
        ["whole", "prompt", 4],
    ]
    assert (ours["chance"] == 0.25).all() and (ours["n_pictures"] == 24).all()
    last = table.printed.iloc[-1]
    assert last["Accuracy, %"] == "99.994" and last["Chance, %"] == "0.098"
    assert last["Test"] == "1,024,000 pictures" and last["Epochs (to 95 %)"] == "6"


def test_figures_show_what_the_table_says(left):
    files, explained = left
    hits, curves = (
        pd.concat(map(store.read_table, files[kind]), ignore_index=True)
        for kind in ("hits", "curves")
    )
    rows = pd.DataFrame(accuracies("m", hits, curves, STATISTICS))
    figure = curves_figure({"m": (curves, rows)})
    epochs, sizes = figure.axes
    assert [line.get_label() for line in epochs.lines[:2]] == ["m, by prompt", "m, by picture"]
    (drawn, *_), *_ = sizes.containers
    assert drawn.get_xdata().tolist() == [4, 12]
    areas_of = concentration(explained.areas, STATISTICS)
    shown = gradcam_figure("m", explained.shown, areas_of)
    *_, bottom = shown.axes
    assert "n = 8 pictures" in bottom.get_xlabel() and "seed 0" in shown.axes[0].get_title()
    table = gradcam_areas(["m"], STATISTICS, [files["areas"]])
    assert len(table.full) == 2 * 3 and (table.full["model"] == "m").all()
