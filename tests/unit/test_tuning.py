"""Constants of a control chosen by mean IoU; drawing is stood in for by known answers."""

import numpy as np
import pandas as pd
import pytest

from seedbed.lottery_ticket.comparison import tuning
from seedbed.lottery_ticket.comparison.line_search import KNOWN

LAYOUTS = pd.DataFrame({"layout_id": ["a", "b", "b"], "position": [0, 0, 1]})


@pytest.fixture()
def trial(monkeypatch):
    """IoU is best at weight 2, success at weight 8."""
    asked = []

    def run_trial(drawing, layouts, latents, seeds, detector, confidences, steering):
        asked.append((steering, seeds))
        weight = steering.constants["weight"]
        iou = 0.5 - 0.1 * abs(np.log2(weight / 2)) - 0.01 * abs(steering.constants["width"] - 1)
        success = weight >= 8
        return pd.DataFrame({"iou": [iou] * 3, "success": [success] * 3})

    monkeypatch.setattr(tuning, "run_trial", run_trial)
    monkeypatch.setattr(tuning, "initial_latents", lambda *_: (None, None))
    return asked


def test_the_reported_measure_chooses_and_the_other_is_told(trial):
    grid = {"weight": [0.5, 1.0], "width": [1.0, 2.0]}
    rows, chosen = tuning.tune(None, LAYOUTS, "soft", grid, 4, 7, None, 0.25, {"neg_out": False})
    assert chosen == {"weight": 2.0, "width": 1.0}
    assert set(rows.columns) == {"weight", "width", *KNOWN}
    assert rows["weight"].tolist() == [0.5, 1.0, 2.0, 4.0, 2.0, 2.0]
    assert rows["added"].tolist() == [False, False, True, True, True, True]
    (best,) = rows.index[rows["chosen"]]
    assert rows.loc[best, ["weight", "width", "at_edge"]].tolist() == [2.0, 1.0, ""]
    assert rows["best_success"].sum() == 1
    assert (rows["n_objects"] == 3).all() and (rows["n_images"] == 2).all()
    steering, seeds = trial[0]
    assert steering.control == "soft" and steering.constants["neg_out"] is False
    assert seeds == [7 + tuning.OFFSET, 8 + tuning.OFFSET]


def test_an_edge_that_the_limit_leaves_is_told(trial):
    grid = {"weight": [0.25, 0.5], "width": [1.0]}
    rows, chosen = tuning.tune(None, LAYOUTS, "soft", grid, 1, 0, None, 0.25)
    assert chosen["weight"] == 1.0
    assert rows.loc[rows["chosen"], "at_edge"].tolist() == ["weight"]
    assert (rows.loc[~rows["chosen"], "at_edge"] == "").all()
