"""Names and sentences about the exchange of latents and step noise (Figure 2)."""

from __future__ import annotations

import pandas as pd

from seedbed.good_seed.swap_effects import CONTRAST, FEATURES, PIXELS
from seedbed.render.wording import interval, joined, number
from seedbed.sampling.seed_swap import ALL_OTHER, OTHER_LATENT, OTHER_NOISE, SWAP, UNSWAPPED
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER

ARMS = {
    UNSWAPPED: "unswapped",
    OTHER_NOISE: "same latent, all step noise other",
    OTHER_LATENT: "other latent, same step noise",
    ALL_OTHER: "everything other",
}
SHARES = {
    "latent": "share of the initial latent",
    "noise": "share of the step noise",
    "interaction": "share of both together",
    CONTRAST: "latent less step noise",
}
DECIDES = {
    HIGHER: "the initial latent decides more",
    LOWER: "the step noise decides more",
    LEVEL: "both decide alike",
}


def arm_name(arm: str, swap_step: float) -> str:
    """As figures and tables name an arm."""
    return f"step noise other from step {swap_step:g}" if arm == SWAP else ARMS[arm]


def measure_name(measure: str, extractor: str | None) -> str:
    """A measure with its unit."""
    return {
        PIXELS: "RMS, grey levels (0–255)",
        FEATURES: f"Euclidean distance, {extractor} features",
    }[measure]


def order(effects: pd.DataFrame) -> list[tuple[str, float]]:
    """Arms and swap steps, from the least that is exchanged to the most."""
    moved = effects[effects["quantity"] == "distance"]
    known = moved[["arm", "swap_step"]].drop_duplicates().itertuples(index=False, name=None)
    rank = {SWAP: 0, OTHER_NOISE: 1, OTHER_LATENT: 2, ALL_OTHER: 3}
    return sorted(known, key=lambda it: (rank[it[0]], -it[1]))


def decided(eta: float, verdict: str | None) -> str:
    """What an eta's contrast says in words."""
    if eta == 0:
        return "the initial latent decides all, by construction"
    return DECIDES.get(verdict, "undecided")


def swap_sentence(effects: pd.DataFrame, model: str, measure: str = PIXELS) -> str:
    """What Figure 2 says of "the initial latent decides", for README.

    Args:
        effects: ``good_seed.swap_effects.effects``.
        model: that drew the pictures.
        measure: whose shares are told.
    """
    mine = effects[effects["measure"] == measure]
    shares = mine[mine["quantity"] == "share"].set_index(["eta", "arm"])
    parts = []
    for eta in sorted(mine["eta"].unique()):
        said = f"at η = {eta:g} {decided(eta, shares['verdict'].get((eta, CONTRAST)))}"
        if eta > 0:
            told = [_told(shares.loc[(eta, name)]) for name in ("latent", "noise")]
            said += f" ({told[0]} of the variance against {told[1]})"
        parts.append(said)
    late = _late(mine[mine["quantity"] == "distance"])
    n = int(mine["n_pairs"].iloc[0])
    text = f"**What decides the picture** (`{model}`, {n} pairs of seeds): {'; '.join(parts)}."
    return f"{text} {late}" if late else text


def _told(row: pd.Series) -> str:
    """A share and its interval in per cent."""
    low, high = (100 * row[key] for key in ("low", "high"))
    return f"{number(100 * row['value'], 0)} % {interval(low, high, 0)}"


def _late(moved: pd.DataFrame) -> str:
    """How far the paper's swaps move the picture at the largest eta."""
    eta = moved["eta"].max()
    swaps = moved[(moved["arm"] == SWAP) & (moved["eta"] == eta)].sort_values("swap_step")
    if eta == 0 or swaps.empty or swaps["of_all"].isna().any():
        return ""
    steps = joined([f"{s:g}" for s in swaps["swap_step"]])
    shares = joined([f"{number(100 * v, 0)} %" for v in swaps["of_all"]])
    return (
        f"Step noise exchanged after step {steps} moves it by {shares} of the way to another "
        f"seed's picture (η = {eta:g})."
    )
