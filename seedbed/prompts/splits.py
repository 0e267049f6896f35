"""Splits of a prompt table that share no prompt, and the checks that they do not.

What is chosen on some prompts must be judged on others; these functions draw such sets and
assert it. Source: the Good Seed paper chooses seeds on some prompts and tests them on others
without saying how the two were drawn; the protocol here is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from seedbed.prompts.table import PromptError, key, quote


def split(frame: pd.DataFrame, spans: Mapping[str, Mapping[str, int]], seed: int) -> pd.DataFrame:
    """A copy of the table, its rows in their order, with the drawn splits named in ``split``.

    The prompts, sorted by id, are put into one drawn order; a span gives the positions of its
    split there, ``start`` included, ``stop`` not. So a split depends on neither the order of rows
    nor on the other splits. Rows in no span, and splits of before, become ''. Raises PromptError
    if a name or span is unusable, spans overlap, or one reaches beyond the prompts.
    """
    for name, span in spans.items():
        ends = (span["start"], span["stop"])
        if not name or any(type(end) is not int or end < 0 for end in ends):
            raise PromptError(
                f"split {name!r}: {ends[0]!r} to {ends[1]!r}; give a name and whole numbers from 0"
            )
    if faults := overlaps(spans):
        raise PromptError(f"split {faults[0]}")
    for name, span in spans.items():
        if span["stop"] > len(frame):
            raise PromptError(
                f"split {name}: reaches up to {span['stop']}, the table has {len(frame)} prompts; "
                "lower the splits or add prompts"
            )
    ids = frame["prompt_id"].tolist()
    by_id = sorted(range(len(ids)), key=ids.__getitem__)
    drawn = np.random.default_rng(seed).permutation(len(ids))
    labels = [""] * len(ids)
    for name, span in spans.items():
        for place in drawn[span["start"] : span["stop"]]:
            labels[by_id[place]] = name
    return frame.assign(split=pd.Series(labels, index=frame.index, dtype="str"))


def part(ranking: pd.DataFrame, span: Sequence[int] | None) -> pd.DataFrame:
    """The ranking prompts of one job, in the table's order.

    Places count Set 1 before Set 2, so that a range lies in one set where it can.

    Args:
        ranking: with ``split``, ``set1`` or ``set2``.
        span: first place and the one after the last; ``None`` for all.

    Raises:
        PromptError: the range reaches beyond the table.
    """
    if span is None:
        return ranking
    start, stop = span
    if stop > len(ranking):
        raise PromptError(
            f"places {start} to {stop} of {len(ranking)} ranking prompts: delete the table of "
            "prompts and run again"
        )
    order = np.argsort(ranking["split"].to_numpy(dtype=str), kind="stable")
    return ranking.iloc[np.sort(order[start:stop])].reset_index(drop=True)


def others(sources: Iterable[pd.DataFrame], drawn: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Prompts of some tables, each once, less those of others (but for case and spacing).

    Args:
        sources: ``prompt_id``, ``text``.
        drawn: likewise, what is left out.

    Raises:
        PromptError: nothing is left.
    """
    known = {key(text) for table in drawn for text in table["text"]}
    table = pd.concat(list(sources), ignore_index=True)
    keys = table["text"].map(key)
    left = table[~keys.isin(known) & ~keys.duplicated()].reset_index(drop=True)
    if left.empty:
        raise PromptError("no prompt is left that the studies do not draw: empty library.prompts")
    return left


def assert_disjoint(*frames: pd.DataFrame) -> None:
    """Raises PromptError if two of the tables share a prompt (but for case and spacing) or an id.

    Repeats within one table are left to ``table.check``.
    """
    texts: dict[str, tuple[int, str]] = {}
    ids: dict[str, int] = {}
    for number, frame in enumerate(frames, start=1):
        for prompt_id, text in zip(frame["prompt_id"], frame["text"], strict=True):
            first, first_id = texts.setdefault(key(text), (number, prompt_id))
            if first != number:
                raise PromptError(
                    f"the prompt {quote(text)} is in table {first} ({first_id}) and in table "
                    f"{number} ({prompt_id}); remove it from one of them"
                )
            first = ids.setdefault(prompt_id, number)
            if first != number:
                raise PromptError(
                    f"prompt_id {prompt_id!r} is in table {first} and in table {number}; "
                    "give each prompt its own"
                )


def overlaps(spans: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What is wrong with named spans, ``start`` included, ``stop`` not: one line per fault.

    A fault is a span with nothing in it, or two that share a position; none gives an empty list.
    """
    faults = [
        f"{name}: empty range, stop {span['stop']} must be above start {span['start']}; raise it"
        for name, span in spans.items()
        if span["stop"] <= span["start"]
    ]
    for (a, one), (b, other) in combinations(spans.items(), 2):
        if max(one["start"], other["start"]) < min(one["stop"], other["stop"]):
            faults.append(
                f"{b}: overlaps {a}; golden seeds must not be chosen and judged on the same prompts"
            )
    return faults
