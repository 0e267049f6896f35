"""Claims about naming seeds are decided by the tables of classifiers and of maps."""

import pandas as pd
import pytest

from seedbed.good_seed.claims_classifier import names_seeds, points_at_nothing
from seedbed.ledger.findings import FAILS, HOLDS, OPEN, File


def classified(tmp_path, low, verdict):
    ours = {
        **{"model": "toy", "source": "ours", "variant": "whole", "split": "prompt"},
        **{"value": 0.995, "low": low, "high": 1.0, "chance": 1 / 32, "verdict": verdict},
        **{"per_seed": 89, "seeds": 32, "n_pictures": 832, "n_prompts": 26},
    }
    fewer = ours | {"per_seed": 12, "value": 0.5, "low": 0.4, "high": 0.6, "verdict": "higher"}
    control = ours | {"variant": "grey", "low": 0.0}
    paper = ours | {"source": "paper, SD 2.0", "verdict": ""}
    rows = [ours, fewer, control, ours | {"split": "image"}, paper]
    path = tmp_path / "classifier.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return [File(str(path))]


@pytest.mark.parametrize(
    ("low", "verdict", "expected"),
    [(0.99, "higher", HOLDS), (0.9, "higher", OPEN), (0.02, "undecided", FAILS)],
)
def test_seeds_are_named_nearly_always_or_not(tmp_path, low, verdict, expected):
    files = classified(tmp_path, low, verdict)
    found = list(names_seeds(files, "SD 2.0"))
    assert [it.about for it in found] == ["toy, split by prompt", "toy, split by picture"]
    assert {it.verdict for it in found} == {expected}
    assert "from 89 pictures of each of 32 seeds" in found[0].ours
    assert "3.12 %" in found[0].chance
    assert not list(names_seeds(files, "SDXL Turbo"))


@pytest.mark.parametrize(
    ("own", "expected"),
    [((0.34, 0.31, 0.36), HOLDS), ((0.21, 0.19, 0.23), OPEN), ((0.1, 0.08, 0.12), FAILS)],
)
def test_maps_point_at_something_or_not(tmp_path, own, expected):
    kinds = {"own seed": own, "other seed": (0.4, 0.38, 0.42), "untrained": (0.43, 0.4, 0.46)}
    rows = [
        {"model": "toy", "layer": "stages.3", "kind": kind, "n_pictures": 128}
        | dict(zip(("area", "low", "high"), values, strict=True))
        for kind, values in kinds.items()
    ]
    path = tmp_path / "areas.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    (found,) = points_at_nothing([File(str(path))])
    assert found.verdict == expected and "other seed 0.40, untrained 0.43" in found.chance
