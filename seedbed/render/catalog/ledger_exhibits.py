"""What of a run stands beside the papers' tables and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.ledger.claim_files import exhibits
from seedbed.render.catalog import renderings

if TYPE_CHECKING:
    from seedbed.plan import Plan

SHOWN = {"table": ".md", "figure": ".png"}


def shown(plan: Plan) -> dict[str, list[str]]:
    """Markdown tables and PNGs by record of the catalog: those that an exhibit names.

    Raises:
        ValueError: an exhibit names no record of the catalog.
    """
    from seedbed.render.catalog import CATALOG

    unknown = {name for it in exhibits() for name in it.ours} - {it.name for it in CATALOG}
    if unknown:
        raise ValueError(f"claims/*.yaml: an exhibit names {min(unknown)}: no table or figure")
    named = {name for it in exhibits() for name in it.ours}
    return {
        it.name: [path for path in it.all_files(plan) if path.endswith(SHOWN[it.kind])]
        for it in renderings(plan)
        if it.name in named
    }
