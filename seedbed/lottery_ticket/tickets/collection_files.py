"""Ticket collections on disk: shards, of scores as read or equalised, checked and joined."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from seedbed.lottery_ticket.tickets.collection import ORIGIN, OWN, Collection
from seedbed.store import AGAIN, StoreError, map_tensors, read_tensors

log = logging.getLogger(__name__)


def load_collection(paths: Sequence[str | Path], seeds: Sequence[int] | None = None) -> Collection:
    """Read the shards of a collection.

    Args:
        paths: one file or more of the same pairs, model and reading, in any order.
        seeds: the noises that must be there, neither fewer nor more, in the order wanted.
            Without it the shards follow each other by their seeds without a gap.

    Returns:
        The whole collection, scores float16. More shards behind leave the tickets of those
        before with the same indices.

    Raises:
        StoreError: a file is no ticket collection, shards of different metadata, or noises that
            are repeated or missing.
    """
    if not paths:
        raise StoreError("no files of a ticket collection given")
    return _merged([(Path(path), _read(Path(path))) for path in paths], seeds)


def by_positions(
    paths: Sequence[str | Path],
    seeds: Sequence[int] | None = None,
    names: set[str] | None = None,
) -> dict[str, Collection]:
    """``load_collection`` of files among which scores as read and equalised ones may both be.

    Args:
        paths, seeds: as there.
        names: only the pairs of these categories with any other are read: all that the scores and
            averages of a layout of these rest on. ``None`` for all pairs.

    Returns:
        The collections by their ``positions``.
    """
    kinds: dict[str, list[tuple[Path, Collection]]] = {}
    for path in map(Path, paths):
        shard = _read(path, names)
        kinds.setdefault(shard.positions, []).append((path, shard))
    return {positions: _merged(shards, seeds) for positions, shards in kinds.items()}


def _read(path: Path, names: set[str] | None = None) -> Collection:
    arrays, metadata = read_tensors(path) if names is None else map_tensors(path)
    lacking = [key for key in (*OWN, *ORIGIN) if key not in metadata]
    lacking += ["scores"] if "scores" not in arrays else []
    if lacking:
        raise StoreError(f"{path}: not a ticket collection, lacks {', '.join(lacking)}; {AGAIN}")
    own = {key: json.loads(metadata[key]) for key in OWN}
    pairs, scores = own["pairs"], arrays["scores"]
    if names is not None:
        kept = [k for k, pair in enumerate(pairs) if not names.isdisjoint(pair)]
        pairs, scores = [pairs[k] for k in kept], np.array(scores[:, kept])
    try:
        return Collection(
            scores,
            tuple(own["seeds"]),
            tuple((a, b) for a, b in pairs),
            own["grid"],
            tuple(own["shape"]),
            own["stream"],
            {key: metadata[key] for key in ORIGIN},
        )
    except ValueError as error:
        raise StoreError(f"{path}: {error}") from error


def _merged(shards: list[tuple[Path, Collection]], seeds: Sequence[int] | None) -> Collection:
    shards = sorted(shards, key=lambda shard: min(shard[1].seeds))
    _refuse_mixture(shards)
    _refuse_repeats(shards)
    if seeds is None:
        _refuse_gaps(shards)
    merged = tuple(seed for _, shard in shards for seed in shard.seeds)
    scores = np.concatenate([shard.scores for _, shard in shards])
    if seeds is not None:
        row_of = {seed: row for row, seed in enumerate(merged)}
        _refuse_others(shards, set(row_of), seeds)
        merged = tuple(int(seed) for seed in seeds)
        scores = scores[[row_of[seed] for seed in merged]]
    log.info("%d shards of tickets: %d noises", len(shards), len(merged))
    one = shards[0][1]
    return replace(one, scores=scores, seeds=merged)


def _described(collection: Collection) -> dict:
    own = {key: getattr(collection, key) for key in OWN if key != "seeds"}
    return own | dict(collection.origin)


def _refuse_mixture(shards: list[tuple[Path, Collection]]) -> None:
    first, expected = shards[0][0], _described(shards[0][1])
    for path, shard in shards[1:]:
        found = _described(shard)
        other = [key for key in expected if found[key] != expected[key]]
        if other:
            raise StoreError(
                f"{path}: tickets of another {', '.join(other)} than {first}: collect one of them "
                "anew"
            )


def _refuse_repeats(shards: list[tuple[Path, Collection]]) -> None:
    seen: dict[int, Path] = {}
    for path, shard in shards:
        for seed in shard.seeds:
            if seed in seen:
                raise StoreError(
                    f"{path}: the noise of seed {seed} is in {seen[seed]} already; {AGAIN}"
                )
            seen[seed] = path


def _refuse_gaps(shards: list[tuple[Path, Collection]]) -> None:
    for (before, one), (after, other) in pairwise(shards):
        wanted, found = max(one.seeds) + 1, min(other.seeds)
        if found != wanted:
            raise StoreError(
                f"{after}: begins with seed {found}, but {before} ends so that {wanted} must "
                "follow: a shard is missing"
            )


def _refuse_others(
    shards: list[tuple[Path, Collection]], found: set[int], wanted: Sequence[int]
) -> None:
    missing, surplus = sorted(set(wanted) - found), sorted(found - set(wanted))
    for seeds, what in ((missing, "lack"), (surplus, "hold unasked")):
        if seeds:
            raise StoreError(
                f"{shards[0][0]} and {len(shards) - 1} more ticket shards {what} the noises of "
                f"{len(seeds)} seeds, the first {seeds[0]}"
            )
