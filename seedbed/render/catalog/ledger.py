"""The ledger of both papers' claims, which reads other results of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from seedbed.ledger.claim_files import digest
from seedbed.ledger.registry import MODULES, SHIPPED, SOURCES
from seedbed.lottery_ticket.comparison.arms import BASE, Arm
from seedbed.render.catalog.good_seed import studies
from seedbed.render.catalog.record import Rendering
from seedbed.run import shipped

if TYPE_CHECKING:
    from seedbed.plan import Plan

At = Mapping[str, str]
PLACE = "ledger"


def _read(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """(file, source, what it is of) for every source that the run has."""
    # Late, since the catalog is made of this module too.
    from seedbed.render.catalog import CATALOG

    tables = {it.name: it for it in CATALOG if it.kind == "table" and it.place != PLACE}
    for source in SOURCES:
        if source in tables:
            for at in tables[source].over(plan):
                place = tables[source].place.format(**at)
                yield plan.run.table(place)[0], source, ", ".join(at.values())
        else:
            yield from _files(plan, source)


def _files(plan: Plan, source: str) -> Iterator[tuple[str, str, str]]:
    """Those of a source that is no table."""
    if source == SHIPPED:
        yield shipped(source), source, source
        return
    below, _, name = source.rpartition("/")
    if below == "images":
        for model in plan.ticket_models:
            yield plan.run.path(below, model, name), source, model
        return
    several = len(plan.rankings) > 1
    for it in studies(plan):
        about = f"{it['model']} ({it['ranking']})" if several else it["model"]
        yield plan.run.seeds(it["model"], it["ranking"], source), source, about


def _sources(plan: Plan, at: At) -> dict:
    return {"files": [path for path, *_ in _read(plan)]}


def _settings(plan: Plan, at: At) -> dict:
    found, study = list(_read(plan)), plan.lottery_ticket
    return {
        "sources": [it[1] for it in found],
        "abouts": [it[2] for it in found],
        "settings": {
            "n_boot": study["bootstrap"],
            "seed": study["statistics_seed"],
            "level": study["interval"],
            "margins": study["margins"],
            "rule": study["rule"],
            "noises": study["noises"]["count"],
            "arms": {arm.name: _varied(arm) for arm in plan.arms.values() if arm.method == BASE},
            "toy_models": plan.world_models,
            "claims": digest(),
        },
    }


def _varied(arm: Arm) -> dict:
    """What Table 2 varies."""
    return {"noises": arm.noises, **{key: arm.rule[key] for key in ("t_obj", "t_bg")}}


def _if_any(plan: Plan) -> list[dict[str, str]]:
    return [{}] if any(True for _ in _read(plan)) else []


RENDERINGS = (
    Rendering(
        name="ledger",
        place=PLACE,
        kind="table",
        paper="Ledger",
        label="claims",
        shows="every claim of both papers, and what the run says of it",
        draw="seedbed.render.ledger_table:ledger_of",
        sources=_sources,
        settings=_settings,
        over=_if_any,
        loads=MODULES,
    ),
)
