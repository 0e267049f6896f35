"""Figure 12 of Good Seed: seeds that paint text, in removal and in completion alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style
from seedbed.render.good_seed.picture_grid import picture_grid
from seedbed.render.tables import MISSING, Cells, Table

SHARES = Cells(4)
MASK_TINT = np.array([120, 120, 120], dtype=np.uint8)


def _split(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {mode: part.set_index("seed") for mode, part in frame.groupby("mode", sort=False)}


def rates(model: str, reader: str, seeds: str, evidence: str):
    """Seeds sorted by their text share, and removal against completion.

    Args:
        model, reader: names.
        seeds: rows of ``good_seed.text_seeds``.
        evidence: its evidence.
    """
    by_mode, found = _split(store.read_table(seeds)), store.read_json(evidence)
    plt = style.pyplot()
    figure, axes = plt.subplots(1, 2, figsize=(style.PAGE, 2.7), layout="constrained")
    colors = dict(zip(by_mode, (style.BLUE, style.ORANGE), strict=False))
    for mode, part in by_mode.items():
        own, ordered = found["modes"][mode], part.sort_values("mean", ascending=False)
        rank = np.arange(1, len(ordered) + 1)
        spread = np.clip(
            [ordered["mean"] - ordered["low"], ordered["high"] - ordered["mean"]], 0, 1
        )
        axes[0].errorbar(
            rank, 100 * ordered["mean"], 100 * spread, fmt="o", ms=2.5, lw=0.7,
            color=colors[mode],
            label=f"{mode}: gap {100 * own['gap']:.2f}, chance < {100 * own['gap_null_95']:.2f} "
            f"(p = {own['p_value']:.3f})",
        )  # fmt: skip
        axes[0].axhline(100 * own["input_mean"], color=colors[mode], lw=0.7, ls=":")
    axes[0].set_xlabel("seeds, sorted by their text share")
    axes[0].set_ylabel("text within the mask, % of its pixels")
    axes[0].legend(fontsize=6, loc="upper right")
    axes[0].set_title(f"{model} read by {reader}", fontsize=8)
    _against(axes[1], by_mode, found)
    return figure


def _against(axis, by_mode: dict[str, pd.DataFrame], found: dict) -> None:
    if len(by_mode) < 2:
        axis.set_visible(False)
        return
    (x_name, x), (y_name, y) = by_mode.items()
    y = y.loc[x.index]
    axis.scatter(100 * x["mean"], 100 * y["mean"], s=9, color=style.GREEN)
    for seed in {found["modes"][mode]["top_seed"] for mode in by_mode}:
        at = (100 * x.loc[seed, "mean"], 100 * y.loc[seed, "mean"])
        axis.annotate(f"{seed}", at, fontsize=6, xytext=(3, 2), textcoords="offset points")
    axis.set_xlim(left=0)
    axis.set_ylim(bottom=0)
    both = found["between"]
    said = "no text to correlate"
    if both is not None:
        said = (
            f"Spearman ρ = {both['rho']:.2f} [{both['low']:.2f}, {both['high']:.2f}], "
            f"p = {both['p_value']:.3f}"
        )
    axis.set_title(f"{found['n_seeds']} seeds: {said}", fontsize=7)
    axis.set_xlabel(f"{x_name}: text, % of the mask")
    axis.set_ylabel(f"{y_name}: text, % of the mask")


def pictures(
    model: str, n_seeds: int, n_pairs: int, seeds: str, shares: list[str], pairs: str,
    images: list[str],
):  # fmt: skip
    """Inputs and what the seeds with the most and the least text made of them.

    The pairs shown are those in which the seed with the most text painted most, one mode after
    the other: chosen to show text where there is any.

    Args:
        model: name.
        n_seeds: with the most text, and as many with the least.
        n_pairs: columns.
        seeds: rows of ``good_seed.text_seeds``.
        shares: text shares of every picture.
        pairs: pictures and masks.
        images: shards of the filled pictures.
    """
    from seedbed.masked_photos import arrays_of

    table = store.read_table(seeds)
    mean = table.groupby("seed")["mean"].mean().sort_values(ascending=False, kind="stable")
    chosen = [*mean.index[:n_seeds], *mean.index[-n_seeds:]]
    cells = pd.concat([store.read_table(path) for path in shares])
    top = cells[cells["seed"] == chosen[0]].sort_values(
        ["share", "pair_id", "mode"], ascending=[False, True, True], kind="stable"
    )
    shown = top.head(n_pairs)
    known = store.read_table(pairs)
    before, masks = arrays_of(known)
    place = {pair: i for i, pair in enumerate(known["pair_id"])}
    at = [place[pair] for pair in shown["pair_id"]]
    hidden = np.where(masks[at][..., None], MASK_TINT, before[at])
    ids = (shown["pair_id"] + ":" + shown["mode"]).tolist()
    drawn = store.pick_images(images, chosen, ids)
    rows = [before[at], hidden, *(np.stack([drawn[seed, i] for i in ids]) for seed in chosen)]
    labels = ["input", "masked"]
    labels += [f"seed {seed}\n{100 * mean[seed]:.2f} % text" for seed in chosen]
    colors = ["black"] * 2 + [style.RED] * n_seeds + [style.BLUE] * n_seeds
    columns = [f"{mode}: {known['category'][i]}" for mode, i in zip(shown["mode"], at, strict=True)]
    return picture_grid(np.stack(rows), labels, columns, title=model, colors=colors)


def table(model: str, reader: str, habit_rate: float | None, seeds: str, evidence: str) -> Table:
    """What text the model paints, whether seeds differ in it, and whether the modes agree.

    Args:
        model, reader: names.
        habit_rate: share of the training pictures with lettering, ``None`` where unknown.
        seeds: rows of ``good_seed.text_seeds``.
        evidence: its evidence.
    """
    by_mode, found = _split(store.read_table(seeds)), store.read_json(evidence)
    rows = []
    for mode, own in found["modes"].items():
        top = by_mode[mode].loc[own["top_seed"]]
        rows.append(
            {"model": model, "mode": mode, "n_seeds": found["n_seeds"]}
            | {key: own[key] for key in ("n_pairs", "with_text", "mean", "input_mean")}
            | {key: own[key] for key in ("gap", "gap_null_95", "p_value", "top_seed")}
            | {"top_mean": top["mean"], "top_low": top["low"], "top_high": top["high"]}
        )
    full = pd.DataFrame(rows)
    both = found["between"]
    for key in ("rho", "low", "high", "p_value"):
        full[f"between_{key}"] = np.nan if both is None else both[key]
    printed = pd.DataFrame(
        {
            "Model": full["model"],
            "Mode": full["mode"],
            "Seeds × pairs": [f"{r.n_seeds} × {r.n_pairs}" for r in full.itertuples()],
            "Images with text": [f"{100 * v:.1f} %" for v in full["with_text"]],
            "Text in the mask": full["mean"].map(SHARES.number),
            "In the input": full["input_mean"].map(SHARES.number),
            "Gap between seeds": full["gap"].map(SHARES.number),
            "By chance below": full["gap_null_95"].map(SHARES.number),
            "p": [f"{v:.3f}" for v in full["p_value"]],
            "Most text": [
                f"seed {r.top_seed}: {SHARES.number(r.top_mean)} "
                f"{SHARES.limits(r.top_low, r.top_high)}"
                for r in full.itertuples()
            ],
            "ρ of the modes": MISSING if both is None else _rho(both),
        }
    )
    said = f"Read by {reader}."
    if habit_rate is not None:
        said += f" {100 * habit_rate:.1f} % of the training pictures carry lettering, uncaptioned."
    return Table(full, printed, said)


def _rho(both: dict) -> str:
    return f"{both['rho']:.2f} [{both['low']:.2f}, {both['high']:.2f}], p = {both['p_value']:.3f}"
