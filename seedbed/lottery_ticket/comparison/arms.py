"""The arms of the layout comparison: methods (Table 1), and SemI with other settings (Table 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from seedbed.lottery_ticket.comparison.methods import METHODS, Method, rivals

DEFAULT = "semi_default"
"""SemI on the layouts of its settings, which are tested against it."""
_READINGS = {"as_read": "scores as read", "equalised": "places equalised"}


@dataclass(frozen=True)
class Arm:
    """What one arm draws.

    Attributes:
        name: in file names and tables.
        label: as readers see it.
        table: "1" (methods) or "2" (settings of SemI).
        method: name of its method.
        partner: name of the arm that it is tested against, or ``None``.
        noises: how many of the collection, first of all ranges; ``None`` without tickets.
        rule: ``preset``, ``positions``, ``t_obj``, ``t_bg``; ``None`` without tickets.
        restandardise: the constructed latent is brought to mean 0 and standard deviation 1.
        stride: every how many-th layout is drawn.
        same_as: an arm of all layouts that draws the very same; its pictures are taken.
    """

    name: str
    label: str
    table: str
    method: str
    partner: str | None = None
    noises: int | None = None
    rule: Mapping | None = None
    restandardise: bool = False
    stride: int = 1
    same_as: str | None = None

    @property
    def how(self) -> Method:
        """The record of its method."""
        return METHODS[self.method]

    def drawn(self) -> dict:
        """What decides its pictures, as plain data for a rule's params: no labels, no partners."""
        keys = ("name", "noises", "rule", "restandardise", "stride", "same_as")
        drawn = {key: value for key, value in asdict(self).items() if key in keys}
        how = self.how
        return drawn | {"tickets": how.tickets, "swap": how.swap, "control": how.control}


def arms_of(study: Mapping) -> dict[str, Arm]:
    """Every arm that is drawn, by name.

    Args:
        study: the config's ``lottery_ticket``.

    Returns:
        First the methods of Table 1, then the settings of Table 2: the default once more on their
        layouts, each off it in one value, the other preset, the other reading of scores, the
        re-standardised latents. What is said about tickets does not reach arms that use none.
    """
    tickets = {"noises": study["noises"]["count"], "rule": study["rule"]}
    chosen = set(study["methods"])
    arms = [
        Arm(
            name,
            METHODS[name].label,
            "1",
            name,
            METHODS[name].partner if METHODS[name].partner in chosen else None,
            **(tickets if METHODS[name].tickets else {}),
        )
        for name in study["methods"]
    ]
    arms += _settings(study) if "semi" in chosen else []
    return {arm.name: arm for arm in arms}


def _settings(study: Mapping) -> list[Arm]:
    rule, varied = study["rule"], study["sensitivity"]
    base = Arm(
        *(DEFAULT, "Default", "2", "semi"),
        noises=study["noises"]["count"],
        rule=rule,
        stride=varied["stride"],
        same_as="semi",
    )

    def other(name: str, label: str, **values) -> Arm:
        return replace(
            base, name=f"semi_{name}", label=label, partner=DEFAULT, same_as=None, **values
        )

    found = [base]
    found += [other(f"n{n}", f"N = {n}", noises=n) for n in varied["noises"]]
    for key, label in (("t_obj", "T_obj"), ("t_bg", "T_bg")):
        found += [
            other(f"{key}_{value:g}", f"{label} = {value:g}", rule={**rule, key: value})
            for value in varied[key]
        ]
    found += [
        other(
            preset,
            f"preset “{preset}”",
            rule={**rule, "preset": preset, "t_obj": None, "t_bg": None},
        )
        for preset in varied["presets"]
    ]
    found += [
        other(reading, _READINGS[reading], rule={**rule, "positions": reading})
        for reading in varied["positions"]
    ]
    if varied["restandardise"]:
        found.append(other("restandardised", "re-standardised", restandardise=True))
    return found


def pairs_of_arms(arms: Mapping[str, Arm]) -> list[tuple[str, str]]:
    """(arm, partner) that are tested: each against its partner, then SemI against its rivals."""
    partnered = [(arm.name, arm.partner) for arm in arms.values() if arm.partner in arms]
    return partnered + contrasts_of(arms)


def contrasts_of(arms: Mapping[str, Arm]) -> list[tuple[str, str]]:
    """SemI and the methods that the paper sets it beside, as far as they are drawn."""
    if "semi" not in arms:
        return []
    return [("semi", other) for other in rivals(a for a in arms if a in METHODS)]


def labels_of(arms: Mapping[str, Arm], table: str) -> dict[str, str]:
    """Readable names of the arms of Table "1" or "2"."""
    return {arm.name: arm.label for arm in arms.values() if arm.table == table}


def groups_of(arms: Mapping[str, Arm]) -> dict[str, list[Arm]]:
    """Arms that one process draws: those of one control, with tickets or without.

    They share the model, the tuned constants and the ticket collection, and an edit to a control
    or to tickets reruns no arm of another group.
    """
    groups: dict[str, list[Arm]] = {}
    for arm in arms.values():
        name = arm.how.control or "plain"
        groups.setdefault(f"{name}_tickets" if arm.how.tickets else name, []).append(arm)
    return groups
