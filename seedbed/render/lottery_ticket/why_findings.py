"""Why tickets win or not: the numbers, from what a run made."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.carried import carried
from seedbed.lottery_ticket.comparison.explained import explained, layer_levels
from seedbed.lottery_ticket.comparison.latents import Tickets
from seedbed.lottery_ticket.tickets.collection_files import by_positions
from seedbed.lottery_ticket.tickets.score_sources import variance_shares
from seedbed.render.tables import MISSING, Cells, Table


@dataclass(frozen=True, eq=False)
class Findings:
    """What figure and table show.

    Attributes:
        numbers: of ``comparison.explained.explained``.
        outcomes: every guidance box of both arms: what its latent carried, and its IoU.
        layers: of ``layer_levels``.
    """

    numbers: pd.DataFrame
    outcomes: pd.DataFrame
    layers: pd.DataFrame


def findings(
    n_boot: int,
    seed: int,
    level: float,
    study: dict,
    *,
    layouts: str,
    tickets: list[str],
    objects: str,
    properties: str,
    layers: str,
    agreement: str,
) -> Findings:
    """All numbers, from what the run made.

    Args:
        n_boot, seed, level: of all intervals.
        study: ``noises`` of the collection; ``rule``, ``count`` (noises used) and
            ``restandardise`` of SemI; ``base_seed``.
        layouts: layout table.
        tickets: the collection as read and, where SemI uses it, equalised.
        objects: object tables of all arms; the highest confidence counts.
        properties: of ``tickets.properties``.
        layers: of ``comparison.layers``.
        agreement: of ``comparison.agreement``.
    """
    collections = by_positions(tickets, study["noises"])
    read, rule = collections["as_read"], study["rule"]
    built = Tickets(
        collections[rule["positions"]].first(study["count"]), rule, study["restandardise"]
    )
    table, scored = store.read_table(layouts), store.read_table(objects)
    scored = scored[scored["confidence"] == scored["confidence"].max()]
    outcomes = carried(table, read, built, study["base_seed"]).merge(
        scored[["arm", "layout_id", "position", "size", "iou"]],
        on=["arm", "layout_id", "position"],
        how="left",
        validate="one_to_one",
    )
    if outcomes["iou"].isna().any():
        raise ValueError("some guidance boxes have no score: score the same layouts")
    of_layers = layer_levels(
        store.read_table(layers), store.read_table(agreement), n_boot, seed, level
    )
    told = explained(
        variance_shares(read),
        outcomes,
        store.read_table(properties),
        of_layers,
        n_boot,
        seed,
        level,
    )
    return Findings(told, outcomes, of_layers)


def numbers(
    n_boot: int,
    seed: int,
    level: float,
    study: dict,
    layouts: str,
    tickets: list[str],
    objects: str,
    properties: str,
    layers: str,
    agreement: str,
) -> Table:
    """The table from files; see ``findings``."""
    full = findings(
        n_boot,
        seed,
        level,
        study,
        layouts=layouts,
        tickets=tickets,
        objects=objects,
        properties=properties,
        layers=layers,
        agreement=agreement,
    ).numbers
    cells = Cells(2)
    printed = pd.DataFrame(
        {
            "Question": full["part"],
            "Of": full["name"],
            "Ours": full["value"].map(cells.number),
            "Interval": [cells.interval(r.low, r.high) for r in full.itertuples()],
            "Chance": full["chance"].map(cells.number),
            "n": [f"{r.n} {r.unit}" for r in full.itertuples()],
            "Paper": MISSING,
        }
    )
    return Table(full, printed)
