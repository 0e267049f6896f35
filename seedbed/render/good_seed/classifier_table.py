"""How often a classifier names the seed of a picture, and from what."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.classifier.accuracy import accuracy, epochs_to_reach
from seedbed.render.tables import MISSING, Cells, Table
from seedbed.render.wording import p_value

TRAINING = ["variant", "split", "per_seed"]
"""What tells trainings of one model apart."""
VARIANTS = {
    "whole": "whole pictures",
    "thumbnail": "8 × 8 thumbnails",
    "grey": "grey",
    "shuffled": "16 fields shuffled",
    "edges": "edges",
    "low": "low frequencies",
}
SPLITS = {"prompt": "by prompt", "image": "by picture"}


def classifier(
    models: list[dict], statistics: dict, hits: list[str], curves: list[str], paper: str
) -> Table:
    """The table from files.

    Args:
        models: ``model`` and ``paper`` (its column there) of each study.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
        hits, curves: of all groups of the models, in the order of ``models``, equally many each.
        paper: what the paper says.
    """
    theirs = pd.read_csv(paper).set_index("model")
    per_model = len(hits) // len(models)
    rows = []
    for k, about in enumerate(models):
        own = slice(k * per_model, (k + 1) * per_model)
        found, curve = (read_groups(paths[own]) for paths in (hits, curves))
        rows += accuracies(about["model"], found, curve, statistics)
        column = about["paper"]["column"]
        if column in theirs.index:
            rows.append(_papers(about["model"], column, theirs.loc[column]))
    full = pd.DataFrame(rows)
    return Table(full, _printed(full))


def read_groups(paths: list[str]) -> pd.DataFrame:
    """What the groups of one model left, as one table."""
    parts = [store.read_table(path, TRAINING) for path in paths]
    return pd.concat(parts, ignore_index=True)


def accuracies(
    model: str, hits: pd.DataFrame, curves: pd.DataFrame, statistics: dict
) -> list[dict]:
    """A row for each training of a model: accuracy with interval, chance, verdict, n, epochs."""
    by_training = dict(list(curves.groupby(TRAINING)))
    rows = []
    for key, part in hits.groupby(TRAINING, sort=False):
        curve = by_training[key].sort_values("epoch")["val_accuracy"].to_numpy()
        about = dict(zip(TRAINING, key, strict=True))
        found = asdict(accuracy(part, statistics))
        reached = epochs_to_reach(curve)
        n_seeds = part["seed"].nunique()
        rows.append(
            {"model": model, "source": "ours", **about, **found}
            | {"seeds": n_seeds, "epochs": len(curve), "epochs_to_95": reached}
        )
    return rows


def _papers(model: str, column: str, row: pd.Series) -> dict:
    return {
        "model": model,
        "source": f"paper, {column}",
        "variant": "whole",
        "split": "image",
        "per_seed": int(row["per_seed"]),
        "value": row["accuracy"],
        "chance": 1 / row["seeds"],
        "verdict": "",
        "n_pictures": int(row["n_pictures"]),
        "seeds": int(row["seeds"]),
        "epochs": int(row["epochs"]),
    }


def _printed(full: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for row in full.itertuples(index=False):
        ours = row.source == "ours"
        share = Cells(2 if ours else 3)
        verdict = f"{row.verdict} ({p_value(row.p_value)})" if ours else MISSING
        n = f"{row.n_pictures:,} pictures"
        rows.append(
            {
                "Model": row.model,
                "Learned from": VARIANTS[row.variant],
                "Split": SPLITS[row.split],
                "Whose": row.source,
                "Accuracy, %": share.number(100 * row.value),
                "Interval, %": share.limits(100 * row.low, 100 * row.high),
                "Chance, %": Cells(3).number(100 * row.chance),
                "Against chance": verdict,
                "Test": f"{n}, {row.n_prompts:.0f} prompts" if ours else n,
                "Seeds": f"{row.seeds:,}",
                "Pictures per seed": f"{row.per_seed:,}",
                "Epochs (to 95 %)": f"{row.epochs} ({row.epochs_to_95:.0f})"
                if not np.isnan(row.epochs_to_95)
                else f"{row.epochs}",
            }
        )
    return pd.DataFrame(rows)
