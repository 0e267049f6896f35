"""Which tickets win for a prompt (Lottery Ticket, 3.3).

Nothing sets background words apart: "sky" is a category like any other if it was collected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.lottery_ticket.tickets.collection import Collection


@dataclass(frozen=True)
class Rule:
    """Thresholds of a selection; every comparison is strict.

    Attributes:
        t_obj: a ticket of a category scores above it against every other category of the prompt
            (eq. 3); where the prompt has one category, on average (eq. 4).
        t_bg: a background ticket scores below it for every category of the prompt.
        t_neg: where given, a ticket of a category must also have every other category of the
            prompt score below it against that category, S_j,(i) < t_neg (authors' public code).
        background: whose scores eq. 5 compares: ``"average"``, each category's over all pairs
            collected, as printed; ``"pair"``, S_i,(j) for all ordered pairs of the prompt's
            categories, as the authors' public code does for two.
    """

    t_obj: float
    t_bg: float
    t_neg: float | None = None
    background: str = "average"

    def __post_init__(self):
        if self.background not in ("average", "pair"):
            raise ValueError(
                f"background scores {self.background!r} are unknown: use average or pair"
            )


_PAPER = Rule(t_obj=0.5, t_bg=0.1)

PRESETS: dict[str, tuple[Rule, Rule, Rule]] = {
    "paper": (_PAPER, _PAPER, _PAPER),
    "code": (
        Rule(t_obj=0.5, t_bg=0.3),
        Rule(t_obj=0.3, t_bg=0.1, t_neg=0.3, background="pair"),
        Rule(t_obj=0.3, t_bg=0.1),
    ),
}
"""Rules for one, two, and three or more categories: eqs. 3 to 5 with the paper's default thresholds
(4.3), and the keyword defaults of the authors' public code, which stops at three."""


def preset(name: str, categories: Sequence[str]) -> Rule:
    """The rule of a preset for the categories of a prompt, repeats counted once.

    Raises:
        ValueError: the preset is unknown, or there are no categories.
    """
    if name not in PRESETS:
        raise ValueError(f"ticket rule {name!r} is unknown: use one of {', '.join(PRESETS)}")
    n = len(set(categories))
    if n == 0:
        raise ValueError("a ticket rule needs at least one category")
    return PRESETS[name][min(n, 3) - 1]


def rule_of(entry: Mapping, categories: Sequence[str]) -> Rule:
    """The selection rule of a config entry for the categories of one prompt.

    Args:
        entry: ``preset``, and thresholds ``t_obj``, ``t_bg`` that override it or are ``None``.
        categories: of the prompt.
    """
    rule = preset(entry["preset"], categories)
    given = {k: entry[k] for k in ("t_obj", "t_bg") if entry[k] is not None}
    return Rule(**{**vars(rule), **given})


def positioned(collection: Collection, entry: Mapping) -> Collection:
    """The collection with its scores as a rule's entry wants them: ``positions``.

    Equalising takes long for many pairs; one that is equalised already is returned as it is.

    Raises:
        ValueError: the reading is unknown, or scores as read are wanted of equalised ones.
    """
    wanted = entry["positions"]
    if wanted not in ("as_read", "equalised"):
        raise ValueError(f"positions {wanted!r} are unknown: use as_read or equalised")
    if wanted == collection.positions:
        return collection
    if wanted == "as_read":
        raise ValueError("these tickets are equalised; their scores as read are not in them")
    return collection.equalised


@dataclass(frozen=True, eq=False)
class Selection:
    """Winning tickets as indices into the collection, int64 ascending.

    Attributes:
        objects: per category, in the order of the prompt, each category once.
        background: of the rest of the image.
    """

    objects: dict[str, np.ndarray]
    background: np.ndarray


def winners(collection: Collection, categories: Sequence[str], rule: Rule) -> Selection:
    """Select the winning tickets for the categories of one prompt.

    Args:
        collection: holds every pair of the categories, or, for one, any pair with it.
        categories: of the prompt; boxes of one category share one pool, so repeats count once,
            and two boxes of one category are a prompt of one category.
        rule: thresholds.

    Raises:
        ValueError: no categories, a pair that was not collected, or the pair reading of the
            background with one category.
    """
    names = list(dict.fromkeys(categories))
    if not names:
        raise ValueError("cannot select tickets for a prompt without categories")
    if len(names) == 1:
        if rule.background == "pair":
            raise ValueError(
                f"the pair reading of the background needs two categories, not {names[0]!r} alone: "
                "use background 'average'"
            )
        average = collection.average(names[0])
        return Selection(
            {names[0]: np.flatnonzero(average > rule.t_obj)},
            np.flatnonzero(average < rule.t_bg),
        )
    against = {(a, b): collection.score(a, b) for a in names for b in names if a != b}
    objects = {}
    for name in names:
        others = [other for other in names if other != name]
        wins = np.all([against[name, other] > rule.t_obj for other in others], axis=0)
        if rule.t_neg is not None:
            wins &= np.all([against[other, name] < rule.t_neg for other in others], axis=0)
        objects[name] = np.flatnonzero(wins)
    if rule.background == "pair":
        scores = list(against.values())
    else:
        scores = [collection.average(name) for name in names]
    low = np.all([score < rule.t_bg for score in scores], axis=0)
    return Selection(objects, np.flatnonzero(low))
