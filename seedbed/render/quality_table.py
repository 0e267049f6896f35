"""The quality of the Storybook models, each measure with interval, n and goal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import beta, t

from seedbed import store
from seedbed.render.tables import MISSING, Table

NAMES = {
    "one_object_objects": "one-object prompts: right object",
    "one_object_colors": "one-object prompts: right object in the right colour",
    "two_objects_objects": "two-object prompts: both objects",
    "two_objects_colors": "two-object prompts: both objects in their colours",
    "fill_completed": "completion: the category found under the mask",
    "fill_removed": "removal: nothing found under the mask",
    "fill_psnr": "what was given, PSNR",
    "vae_psnr": "VAE reconstruction, PSNR",
    "clip_choice": "storybook-clip: true caption among the choices",
    "net_object": "storybook-net: object seen where there is one",
    "net_object_and_color": "storybook-net: object seen in its colour",
    "net_false_alarm": "storybook-net: object seen where there is none",
    "net_setting": "storybook-net: setting",
    "yolo_ap50": "storybook-yolo: mAP50, mean over classes",
    "seg_iou": "storybook-seg: IoU of an object's mask, 0 where none is found",
    "seg_found": "storybook-seg: object found where there is one",
    "seg_false_alarm": "storybook-seg: object found where there is none",
    "depth_order": "storybook-depth: the nearer of two told, where one hides part of the other",
    "depth_order_apart": "storybook-depth: the same where none does (by chance 50 %)",
}
# One-step pictures may fall behind their teacher by this much.
ALLOWED_LOSS = 0.10


def estimate(values: np.ndarray, level: float = 0.95) -> tuple[float, float, float]:
    """Mean with interval: Clopper-Pearson for yes/no values, Student's t otherwise."""
    n, mean = len(values), float(np.mean(values))
    tail = (1 - level) / 2
    if set(np.unique(values)) <= {0, 1}:
        k = int(np.sum(values))
        low = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
        high = float(beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
        return mean, low, high
    half = float(t.ppf(1 - tail, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def quality(measured: list[str], goals: str) -> Table:
    """The table from files.

    Args:
        measured: values of every model, then of the evaluators.
        goals: CSV of the goals.
    """
    rows = pd.concat([store.read_table(path) for path in measured], ignore_index=True)
    return quality_table(rows, pd.read_csv(goals))


def quality_table(rows: pd.DataFrame, goals: pd.DataFrame) -> Table:
    """Summarise measured values.

    Args:
        rows: one row per image or scene: ``model``, ``measure``, ``value``.
        goals: ``model``, ``measure``, ``goal``, ``unit``; an empty goal means the value
            of the first model in this table less ``ALLOWED_LOSS``.
    """
    found = []
    for (model, measure), part in rows.groupby(["model", "measure"], sort=False):
        mean, low, high = estimate(part["value"].to_numpy(dtype=float))
        found.append(
            {"model": model, "measure": measure, "value": mean, "low": low, "high": high}
            | {"n": len(part)}
        )
    full = pd.DataFrame(found).merge(goals, on=["model", "measure"], how="left")
    teacher = full[full["model"] == goals["model"].iloc[0]].set_index("measure")["value"]
    relative = full["unit"].notna() & full["goal"].isna()
    allowed = full.loc[relative, "measure"].map(teacher).astype(float) - ALLOWED_LOSS
    full.loc[relative, "goal"] = allowed.clip(lower=0)
    full["unit"] = full["unit"].fillna("share")
    full["reached"] = np.where(full["goal"].isna(), None, full["value"] >= full["goal"])
    printed = pd.DataFrame([_printed(row) for row in full.itertuples(index=False)])
    return Table(full, printed)


def _printed(row) -> dict:
    def show(value: float) -> str:
        if np.isnan(value):
            return MISSING
        return f"{value:.1f} dB" if row.unit == "dB" else f"{100 * value:.1f} %"

    return {
        "Model": row.model,
        "Measure": NAMES[row.measure],
        "Ours": show(row.value),
        "95 % interval": f"[{show(row.low)}, {show(row.high)}]",
        "n": row.n,
        "Goal": MISSING if np.isnan(row.goal) else f"≥ {show(row.goal)}",
        "Reached": {None: MISSING, True: "yes", False: "no"}[row.reached],
    }
