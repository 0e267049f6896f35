"""G11: the initial latent decides, noise added while denoising has no visible effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from seedbed.good_seed.swap_effects import CONTRAST, PIXELS
from seedbed.ledger.findings import BELOW, FAILS, HOLDS, OPEN, Estimate, File, Finding
from seedbed.sampling.seed_swap import ALL_OTHER, SWAP
from seedbed.statistics.verdicts import HIGHER, LOWER

VISIBLE = 0.1
"""An exchange is visible that moves a picture by more than a tenth of the way to another seed's."""


def latent_decides(files: Sequence[File]) -> Iterator[Finding]:
    """At each eta: more of the variance is the latent's, and no swap of the generator is visible.

    Without added noise both are so by construction. The paper does not say its eta.
    """
    (file,) = files
    numbers = ["value", "low", "high", "n_pairs", "n_images"]
    table = file.table(["measure", "eta", "quantity", "arm", "swap_step", "verdict", *numbers])
    table = table[table["measure"] == PIXELS]
    for eta, part in table.groupby("eta"):
        moved = part[part["quantity"] == "distance"]
        most = moved.loc[moved["arm"] == ALL_OTHER, "value"].iloc[0]
        swaps = moved[moved["arm"] == SWAP].sort_values("swap_step")
        shares = part[part["quantity"] == "share"].set_index("arm")
        told = ", ".join(
            f"{100 * row.value / most:.0f} % from step {row.swap_step:g}"
            for row in swaps.itertuples()
        )
        yield Finding(
            f"η = {eta:g}",
            _verdict(eta, shares.loc[CONTRAST, "verdict"], swaps, VISIBLE * most),
            f"latent {_share(shares, 'latent')}, step noise {_share(shares, 'noise')} of the "
            f"variance; other step noise moves it by {told}",
            f"{part['n_pairs'].iloc[0]} pairs of seeds, {moved['n_images'].iloc[0]} pictures each",
            "latent 1, step noise 0 and 0 % by construction"
            if eta == 0
            else f"alike; 100 % is another seed's picture (RMS {most:.1f} grey levels)",
            _most_visible(swaps, VISIBLE * most, int(part["n_pairs"].iloc[0])),
        )


def _verdict(eta: float, contrast: str, swaps: pd.DataFrame, visible: float) -> str:
    if (swaps["low"] > visible).any() or contrast == LOWER:
        return FAILS
    decides = eta == 0 or contrast == HIGHER
    return HOLDS if decides and (swaps["high"] <= visible).all() else OPEN


def _most_visible(swaps: pd.DataFrame, visible: float, pairs: int) -> Estimate:
    """The exchange that moves a picture most."""
    row = swaps.loc[swaps["value"].idxmax()]
    limits = (row[key] for key in ("value", "low", "high"))
    return Estimate(*limits, pairs, "pairs of seeds", null=visible, claimed=BELOW)


def _share(shares: pd.DataFrame, name: str) -> str:
    value, low, high = shares.loc[name, ["value", "low", "high"]]
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"
