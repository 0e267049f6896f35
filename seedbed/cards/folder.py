"""A model's card from a run's tables: ``card.json``, its schema, the page for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from seedbed import store, version
from seedbed.card import Card
from seedbed.card_schema import FORMAT, JSON_SCHEMA, VERSION
from seedbed.cards.card_sources import AVOID, DIVERSE, GOLDEN, PIXELS, TEXT
from seedbed.cards.diverse_list import ABOUT as DIVERSE_ABOUT
from seedbed.cards.diverse_list import diverse_list
from seedbed.cards.golden_list import ABOUT as GOLDEN_ABOUT
from seedbed.cards.golden_list import golden_list
from seedbed.cards.habit_lists import ABOUT as HABIT_ABOUT
from seedbed.cards.habit_lists import habit_list
from seedbed.cards.model_card import page
from seedbed.cards.parts import absent
from seedbed.cards.text_list import text_list
from seedbed.cards.ticket_entry import no_tickets, ticket_entry
from seedbed.good_seed.diversity_arms import AIMS
from seedbed.good_seed.habits import LETTERING


def content(about: Mapping, sources: Mapping, tickets: str | None) -> dict:
    """What ``card.json`` holds.

    Args:
        about: ``model``, ``measured_under`` and ``made_by`` as they stand in the card; ``share``
            (of the pool in each top list), ``level`` (of the run's intervals), ``noises``,
            ``rule`` and ``reading`` of its tickets.
        sources: of ``cards.card_sources.sources_of``.
        tickets: the card's file of tickets; ``None`` where the model has none.
    """
    why = sources["absent"]
    if tickets is None:
        of_tickets = no_tickets(why["tickets"])
    else:
        how, files = about["tickets"], sources["tickets"]
        of_tickets = ticket_entry(files, how, how["noises"], tickets, about["level"])
    return {
        "format": FORMAT,
        "version": VERSION,
        **{key: about[key] for key in ("model", "measured_under", "made_by")},
        "lists": dict(_lists(about, sources)),
        "tickets": of_tickets,
    }


def _lists(about: Mapping, sources: Mapping) -> Iterator[tuple[str, dict]]:
    level, why = about["level"], sources["absent"]
    if GOLDEN in why:
        yield GOLDEN, absent(GOLDEN_ABOUT.format(share=about["share"], ranking="-"), why[GOLDEN])
    for place, (ranking, files) in enumerate(sources["golden"].items()):
        # Several rankings have a list each; the first is the one that is meant without a name.
        name = f"{GOLDEN}:{ranking}" if place else GOLDEN
        yield name, golden_list(files, ranking, about["share"], level)
    for aim in AIMS:
        name = f"{DIVERSE}{aim}"
        if name in why:
            yield name, absent(DIVERSE_ABOUT.format(aim=aim), why[name])
        else:
            yield name, diverse_list(sources["diverse"][aim], aim, level)
    for name, habits in (PIXELS | {TEXT: [LETTERING]}).items():
        if name in why:
            words = name.removeprefix(AVOID)
            yield name, absent(HABIT_ABOUT.format(habits=words), why[name])
        elif name == TEXT and "text" in sources:
            yield name, text_list(sources["text"], level)
        else:
            yield name, habit_list(sources["habits"], habits, level)


def write_card(card: Mapping, path: str, schema: str, readme: str) -> None:
    """Write a card's files, once it reads as one.

    Args:
        card: of ``content``.
        path, schema, readme: its files, in one folder.

    Raises:
        CardError: the content is none.
    """
    Card(card, Path(path).parent)
    store.write_json(JSON_SCHEMA, schema)
    store.write_text(page(card), readme)
    store.write_text(json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False) + "\n", path)


def maker(cited: Mapping[str, str], devices: list[str]) -> dict:
    """What made a card.

    Args:
        cited: of ``provenance.citation``.
        devices: of its pictures.
    """
    said = {key: cited[key] for key in ("run", "commit", "config")}
    return said | {"seedbed": version(), "devices": devices}
