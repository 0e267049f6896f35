"""Every final table and figure of a run, one record each; one script and one rule draw them.

Light at import, since the workflow reads it at every parse.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.render.catalog import (
    good_seed,
    good_seed_classifier,
    good_seed_composition,
    good_seed_inpainting,
    good_seed_ranking,
    good_seed_style,
    good_seed_swap,
    ledger,
    lottery_ticket,
    storybook,
)
from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

__all__ = ["CAPTIONS", "CATALOG", "Rendering", "caption", "renderings"]

CATALOG: tuple[Rendering, ...] = (
    *good_seed.RENDERINGS,
    *good_seed_ranking.RENDERINGS,
    *good_seed_swap.RENDERINGS,
    *good_seed_style.RENDERINGS,
    *good_seed_inpainting.RENDERINGS,
    *good_seed_classifier.RENDERINGS,
    *good_seed_composition.RENDERINGS,
    *lottery_ticket.RENDERINGS,
    *storybook.RENDERINGS,
    *ledger.RENDERINGS,
)
CAPTIONS = Path(__file__).resolve().parents[3] / "captions"


def renderings(plan: Plan) -> list[Rendering]:
    """Those that apply to a run, in the order of the papers."""
    return [rendering for rendering in CATALOG if rendering.over(plan)]


def caption(rendering: Rendering, plan: Plan, at: Mapping[str, str]) -> str:
    """What a table or figure shows and under which conditions, as one paragraph.

    Args:
        rendering: the record.
        plan: of the run.
        at: values of its wildcards.

    Raises:
        ValueError: a text has a placeholder that nothing fills.
        FileNotFoundError: a text is missing.
    """
    known = {**at, **rendering.settings(plan, at), **rendering.about(plan, at)}
    parts = []
    for name in rendering.caption_files(plan, at):
        path = CAPTIONS / rendering.folder / f"{name}.md"
        try:
            parts.append(path.read_text(encoding="utf-8").format(**known))
        except (KeyError, IndexError) as error:
            raise ValueError(
                f"{path}: nothing fills the placeholder {error} for {rendering.name}"
            ) from None
    return " ".join(" ".join(parts).split())
