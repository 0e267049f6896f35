"""How often verdicts of the ledger are right in worlds whose truth is known."""

from __future__ import annotations

import pandas as pd

from seedbed.good_seed import worlds
from seedbed.good_seed.simulate_claims import seed_claims
from seedbed.good_seed.simulate_diversity import KINDS as DIVERSE_KINDS
from seedbed.good_seed.simulate_diversity import diversity_claims
from seedbed.lottery_ticket.simulate_claims_of_layouts import EFFECTS, layout_claims
from seedbed.render.tables import MISSING, Table
from seedbed.statistics.binomial import wilson

NAMES = {
    "none": "no effect",
    "margin": "an effect as large as the margin",
    "layout": "equally good seeds, other layouts",
    "planted": "planted effect",
    "unseen": "layouts that the survey does not show",
}
SEEDS, DIVERSE, LAYOUTS = "seeds", "diverse seeds", "layouts"
FALSE = {
    (SEEDS, "none"): ("G1", "G2", "G3", "G4"),
    # Rankings by distance to the same real pictures do carry over there.
    (SEEDS, "layout"): ("G1", "G3", "G4"),
    (DIVERSE, "none"): ("G18, G19",),
    (DIVERSE, "unseen"): ("G18, G19",),
    (LAYOUTS, "none"): ("L1, L2", "L3, L5 to L9", "L8, L14", "L11 to L13", "L14"),
    (LAYOUTS, "margin"): ("L6",),
}
"""Claims that are false in a kind of world: where they hold, they hold falsely."""
CAPTION = (
    "Claims of the ledger in made-up worlds, by the code that judges a run. Holds: share of worlds "
    "whose verdict is that it holds; at most 5 % are wanted where it is false, as many as can be "
    "where it is true. Covered: the 95 % interval holds the truth; at least 93 % are wanted. With "
    "95 % limits (Wilson). Seeds: 24, two sets of 48 prompts, 4 features, 100 real pictures that "
    "rank; diverse seeds: 3 sets of 4 among 48, chosen on 24 prompts and tried on 24; layouts: 120 "
    "of one or two objects whose IoU share luck. A distance by itself makes equally good seeds "
    "better where they happen to lie towards the few real pictures that both sets are compared "
    "with, which is true of these pictures and of no others; so G1 holds only where preference "
    "agrees. Golden seeds (G5 to G7) are in the table of simulations."
)


def simulated(count: int, seed: int) -> pd.DataFrame:
    """Verdicts in ``count`` worlds of every kind.

    Returns:
        Rows of ``seed_claims``, ``diversity_claims`` and ``layout_claims``, with ``of`` (``SEEDS``,
        ``DIVERSE`` or ``LAYOUTS``).
    """
    tried = (
        (SEEDS, worlds.KINDS, seed_claims),
        (DIVERSE, tuple(DIVERSE_KINDS), diversity_claims),
        (LAYOUTS, tuple(EFFECTS), layout_claims),
    )
    rows = [
        {"of": of, **row}
        for of, kinds, claims_of in tried
        for kind in kinds
        for number in range(count)
        for row in claims_of(kind, number, seed)
    ]
    return pd.DataFrame(rows)


def table(rows: pd.DataFrame) -> Table:
    """Shares of worlds by claim and kind of world.

    Args:
        rows: of ``simulated``.
    """
    found = []
    keys = ["of", "world", "claims", "about"]
    for (of, world, claims, about), part in rows.groupby(keys, sort=False):
        known = part["covered"].dropna()
        row = {"of": of, "world": world, "claims": claims, "about": about, "worlds": len(part)}
        row["false"] = claims in FALSE.get((of, world), ())
        row |= _share("holds", part["holds"].astype(bool))
        row |= _share("covered", known.astype(bool)) if len(known) else {}
        found.append(row)
    full = pd.DataFrame(found)
    printed = pd.DataFrame(
        {
            "World": full["world"].map(NAMES),
            "Claims": full["claims"].replace("", MISSING),
            "That": full["about"],
            "Is": full["false"].map({True: "false", False: MISSING}),
            "Worlds": full["worlds"].astype(str),
            "Holds": [_printed(row, "holds") for row in full.to_dict("records")],
            "Covered": [_printed(row, "covered") for row in full.to_dict("records")],
        }
    )
    return Table(full, printed)


def _share(name: str, yes: pd.Series) -> dict[str, float]:
    low, high = map(float, wilson(int(yes.sum()), len(yes)))
    return {name: float(yes.mean()), f"{name}_low": low, f"{name}_high": high}


def _printed(row: dict, name: str) -> str:
    if pd.isna(row[name]):
        return MISSING
    value, low, high = (100 * row[f"{name}{end}"] for end in ("", "_low", "_high"))
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"
