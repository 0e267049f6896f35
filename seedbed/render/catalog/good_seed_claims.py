"""The table of Good Seed's claims, which reads other tables of the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from seedbed.good_seed.claims import SOURCES
from seedbed.render.catalog.good_seed import studies
from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]


def _read(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """(file, source, what it is of) for every source that the run has."""
    # Late, since the catalog is made of this module too.
    from seedbed.render.catalog import CATALOG

    tables = {it.name: it for it in CATALOG if it.kind == "table" and it.name != "claims"}
    several = len(plan.rankings) > 1
    for source in SOURCES:
        if source in tables:
            for at in tables[source].over(plan):
                place = tables[source].place.format(**at)
                yield plan.run.table(place)[0], source, ", ".join(at.values())
        elif "." in source:
            for it in studies(plan):
                about = f"{it['model']} ({it['ranking']})" if several else it["model"]
                yield plan.run.seeds(it["model"], it["ranking"], source), source, about


def _sources(plan: Plan, at: At) -> dict:
    return {"files": [path for path, *_ in _read(plan)]}


def _settings(plan: Plan, at: At) -> dict:
    found = list(_read(plan))
    return {"sources": [it[1] for it in found], "abouts": [it[2] for it in found]}


def _if_studied(plan: Plan) -> list[dict[str, str]]:
    return [{}] if plan.seeds_of_models else []


RENDERINGS = (
    Rendering(
        name="claims",
        place="good_seed/claims",
        kind="table",
        paper="Good Seed",
        label="claims",
        shows="every claim of the paper, and what the run says of it",
        draw="seedbed.render.good_seed.claims_table:claims",
        sources=_sources,
        settings=_settings,
        over=_if_studied,
    ),
)
