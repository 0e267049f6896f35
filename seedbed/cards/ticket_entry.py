"""A model's tickets in its card: the whole collection, and whether it places objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seedbed import store
from seedbed.card_schema import ABSENT, TICKETS, UNDECIDED
from seedbed.cards.card_sources import COMPARED
from seedbed.cards.parts import absent, by_direction, entry, evidence
from seedbed.lottery_ticket.tickets.collection_files import load_collection
from seedbed.statistics.verdicts import HIGHER

ABOUT = (
    "scored blocks of the noises below, of which seedbed.place builds noise that puts named "
    "objects into boxes (Lottery Ticket, 3.2, 3.3 and 4.1)"
)
UNJUDGED = "no detector judged pictures drawn from them in this run"
_COLUMNS = ["arm", "partner", "confidence", "size", "measure", "difference", "low", "high"]
_COLUMNS += ["p_value", "verdict", "n_objects", "n_images"]
_OF_LISTS = ("seeds", "next", "sets", "rows", "gain")


def write_tickets(shards: Sequence[str], noises: Sequence[int], path: str) -> None:
    """The collection's shards as one file, scores as they were read.

    Args:
        shards: files of a ``Collection``.
        noises: seeds of its noises, all of them.
        path: the safetensors file.
    """
    load_collection(shards, noises).save(path)


def ticket_entry(
    files: Mapping[str, str], how: Mapping, noises: Sequence[int], tickets: str, level: float
) -> dict:
    """The entry of a model whose tickets were studied.

    Args:
        files: ``differences`` of the layout comparison, if there was one (``cards.card_sources``).
        how: ``rule`` and ``reading`` of the run.
        noises: seeds of the collection.
        tickets: the card's file of them.
        level: of the intervals.
    """
    verdict, says, rows = UNDECIDED, UNJUDGED, []
    if "differences" in files:
        rows = list(_differences(files["differences"], level))
        told = {row["measure"]: row["verdict"] for row in rows}
        verdict = by_direction(told["iou"], HIGHER)
        said = ", ".join(f"{v} by {measure}" for measure, v in told.items())
        says = f"objects against their boxes, beside random noise of the same layouts: {said}"
    words = load_collection([tickets], noises).names
    found = {k: v for k, v in entry(ABOUT, verdict, says, []).items() if k not in _OF_LISTS}
    return found | {
        "evidence": rows,
        "file": TICKETS,
        "sha256": store.sha256_of(Path(tickets)),
        "rule": dict(how["rule"]),
        "reading": dict(how["reading"]),
        "noises": [int(seed) for seed in noises],
        "words": words,
    }


def no_tickets(why: str) -> dict:
    """The entry of a model whose tickets were not studied."""
    found = {k: v for k, v in absent(ABOUT, why).items() if k not in _OF_LISTS}
    nothing = dict.fromkeys(("file", "sha256", "rule", "reading"))
    return found | {"state": ABSENT, **nothing, "noises": [], "words": []}


def _differences(path: str, level: float) -> Iterator[dict]:
    table = store.read_table(path, _COLUMNS)
    arm, partner = COMPARED
    own = table[(table["arm"] == arm) & (table["partner"] == partner) & (table["size"] == "all")]
    first = own["confidence"].iloc[0]
    for row in own[own["confidence"] == first].to_dict("records"):
        yield evidence(
            "noise built of tickets against random noise, the same layouts",
            row["measure"],
            row,
            level=level,
            n={"objects": row["n_objects"], "images": row["n_images"]},
        )
