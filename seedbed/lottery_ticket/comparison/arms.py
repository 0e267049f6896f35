"""The arms of the layout comparison: methods (Table 1), and SemI with other settings (Table 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from seedbed.lottery_ticket.comparison.methods import (
    METHODS,
    Method,
    is_the_papers,
    rivals,
    rule_name,
)

BASE = "semi"
"""The arm that Table 2 varies, and whose tickets the figures show."""
TABLES = ("1", "comparison", "2")
"""Tables of tests; p-values are adjusted within one of them."""


@dataclass(frozen=True)
class Arm:
    """What one arm draws.

    Attributes:
        name: in file names and tables.
        label: as readers see it.
        method: name of its method.
        noises: how many of the collection, first of all ranges; ``None`` without tickets.
        rule: ``preset``, ``positions``, ``t_obj``, ``t_bg``; ``None`` without tickets.
        restandardise: the constructed latent is brought to mean 0 and standard deviation 1.
    """

    name: str
    label: str
    method: str
    noises: int | None = None
    rule: Mapping | None = None
    restandardise: bool = False

    @property
    def how(self) -> Method:
        """The record of its method."""
        return METHODS[self.method]

    def drawn(self) -> dict:
        """What decides its pictures, as plain data for a rule's params: no labels, no partners."""
        keys = ("name", "noises", "rule", "restandardise")
        drawn = {key: value for key, value in asdict(self).items() if key in keys}
        how = self.how
        return drawn | {"tickets": how.tickets, "swap": how.swap, "control": how.control}


@dataclass(frozen=True)
class Contrast:
    """Two arms whose difference is tested.

    Attributes:
        table: one of ``TABLES``, where the test is printed.
        arm, partner: names; the difference is arm less partner.
    """

    table: str
    arm: str
    partner: str


def arms_of(study: Mapping) -> dict[str, Arm]:
    """Every arm that is drawn, by name; all draw all layouts.

    What is said about tickets does not reach arms that use none.

    Args:
        study: the config's ``lottery_ticket``.
    """
    arms = [_method_arm(study, METHODS[name]) for name in study["methods"]]
    found = {arm.name: arm for arm in arms}
    for arm, _ in _settings(study):
        found.setdefault(arm.name, arm)
    return found


def _method_arm(study: Mapping, method: Method) -> Arm:
    if not method.tickets:
        return Arm(method.name, method.label, method.name)
    rule = {**study["rule"], **method.rule}
    label = f"SemI ({rule_name(rule)}){method.label.removeprefix('SemI')}"
    return Arm(method.name, label, method.name, study["noises"]["count"], rule)


def _settings(study: Mapping) -> list[tuple[Arm, str]]:
    """SemI off the config's rule in one value each, and how Table 2 calls it.

    Another preset or reading of the scores may be a method of Table 1 too: it has one arm.
    """
    if BASE not in study["methods"]:
        return []
    rule, varied, count = study["rule"], study["sensitivity"], study["noises"]["count"]

    def other(name: str, label: str, noises: int = count, restandardise: bool = False, **values):
        said = {**rule, **values}
        arm = Arm(
            *(f"{BASE}_{name}", f"SemI ({rule_name(said)})", BASE),
            noises=noises,
            rule=said,
            restandardise=restandardise,
        )
        return arm, label

    found = [other(f"n{n}", f"N = {n}", noises=n) for n in varied["noises"]]
    for key, label in (("t_obj", "T_obj"), ("t_bg", "T_bg")):
        found += [
            other(f"{key}_{value:g}", f"{label} = {value:g}", **{key: value})
            for value in varied[key]
        ]
    for preset in varied["presets"]:
        values = {"preset": preset, "t_obj": None, "t_bg": None}
        found.append(other(preset, f"rule: {rule_name({**rule, **values})}", **values))
    for positions in varied["positions"]:
        said = {"as_read": "scores as read", "equalised": "places equalised, ours"}[positions]
        found.append(other(positions, said, positions=positions))
    if varied["restandardise"]:
        found.append(other("restandardised", "re-standardised", restandardise=True))
    return found


def rows_of(study: Mapping, table: str) -> dict[str, str]:
    """The arms of Table "1" or "2" with their labels there, in its order.

    Table 2 begins with the default, SemI by the config's rule.
    """
    if table == "1":
        arms = arms_of(study)
        return {name: arms[name].label for name in study["methods"]}
    settings = _settings(study)
    return {BASE: "Default", **{arm.name: label for arm, label in settings}} if settings else {}


def papers_rows(study: Mapping, table: str) -> list[str]:
    """The arms of Table "1" or "2" beside which the paper's numbers may stand.

    Methods without tickets, and SemI by the paper's rule to the letter: its combinations in
    Table 1, in Table 2 what is one value off it.
    """
    arms, rows = arms_of(study), rows_of(study, table)
    if table == "2":
        return list(rows) if is_the_papers(study["rule"]) else []
    return [name for name in rows if arms[name].rule is None or is_the_papers(arms[name].rule)]


def contrasts_of(study: Mapping) -> list[Contrast]:
    """What is tested, by table.

    Table 1: every method against its partner, if that is drawn. The comparison: every SemI that
    stands alone against the methods that the paper sets it beside. Table 2: every setting against
    the default.
    """
    methods = study["methods"]
    partners = [(name, METHODS[name].partner) for name in methods]
    alone = [n for n in methods if METHODS[n].tickets and METHODS[n].partner == "sd"]
    return [
        *(Contrast("1", name, partner) for name, partner in partners if partner in methods),
        *(Contrast("comparison", arm, rival) for arm in alone for rival in rivals(methods)),
        *(Contrast("2", arm.name, BASE) for arm, _ in _settings(study)),
    ]


def groups_of(arms: Mapping[str, Arm], per_job: int | None = None) -> dict[str, list[Arm]]:
    """Arms that one process draws: those of one control, with tickets or without.

    They share the model, the tuned constants and the ticket collection, and an edit to a control
    or to tickets reruns no arm of another group.

    Args:
        arms: by name.
        per_job: at most so many in a group, whose others are numbered; ``None`` for all.
    """
    groups: dict[str, list[Arm]] = {}
    for arm in arms.values():
        name = arm.how.control or "plain"
        groups.setdefault(f"{name}_tickets" if arm.how.tickets else name, []).append(arm)
    if per_job is None:
        return groups
    return {
        f"{name}_{start // per_job + 1}": group[start : start + per_job]
        for name, group in groups.items()
        for start in range(0, len(group), per_job)
    }
