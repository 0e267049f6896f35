"""The compared methods, one record each (Lottery Ticket, 4.3 and Table 1; BoxDiff is later).

A method is an initial latent and, for some, a control of the denoising. Labels, partners, tuning,
the config's choices and the tables derive from these records; nothing is decoded from names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PRESETS = ("paper", "code")
"""Selection rules by name: ``tickets.select.PRESETS``."""
POSITIONS = ("as_read", "equalised")
"""What a score owes to the place of its block: kept, or taken out (``Collection.equalised``)."""


@dataclass(frozen=True)
class Method:
    """One way to draw a captioned layout.

    Attributes:
        name: in the config and in file names.
        label: in tables and figures; an arm with tickets adds which rule selects them
            (``rule_name``): "SemI+Soft" becomes "SemI (paper)+Soft".
        partner: name of the method that it is tested against: itself without tickets, or plain
            SD; ``None`` for SD.
        tickets: starts from noise constructed of tickets.
        rule: what it changes of the config's rule of selection; nothing for the paper's SemI.
        swap: moves blocks within the noise, random or constructed, before denoising.
        control: module in ``seedbed.guidance`` that steers the denoising, or ``None``.
        constants: what the papers leave open of the control; chosen on held-out layouts.
        rival: its place among those that the paper sets SemI beside, whose difference to SemI
            is tested; 0 for others.
        color: key of ``render.style.COLORS``.
    """

    name: str
    label: str
    partner: str | None = "sd"
    tickets: bool = False
    rule: Mapping = field(default_factory=dict)
    swap: bool = False
    control: str | None = None
    constants: tuple[str, ...] = ()
    rival: int = 0
    color: str = "grey"


_WEIGHT, _SOFT = ("weight",), ("weight", "width")
_BOXDIFF = ("step_size", "grid", "max_refinements")
_TICKETS = {"tickets": True, "color": "blue"}
_SOFT_MASKS = {"control": "soft", "constants": _SOFT}


def _semi(suffix: str = "", **rule_and_color) -> tuple[Method, ...]:
    """SemI with one rule of selection, alone and on top of the methods that the paper joins."""
    name, tickets = f"semi{suffix}", _TICKETS | rule_and_color
    return (
        Method(name, "SemI", **tickets),
        Method(f"{name}_soft", "SemI+Soft", partner="soft", **tickets, **_SOFT_MASKS),
        Method(f"{name}_swap", "SemI+Swap", partner="swap", swap=True, **tickets),
        Method(
            f"{name}_soft_swap",
            "SemI+Soft+Swap",
            partner="soft_swap",
            swap=True,
            **tickets,
            **_SOFT_MASKS,
        ),
    )


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("sd", "SD", partner=None),
        Method("paint", "Paint", control="paint", constants=_WEIGHT, rival=1),
        Method("soft", "Soft", rival=3, **_SOFT_MASKS),
        Method("swap", "Swap", swap=True, rival=2),
        Method("boxdiff", "BoxDiff", control="boxdiff", constants=_BOXDIFF, rival=4),
        Method("soft_swap", "Soft+Swap", swap=True, **_SOFT_MASKS),
        *_semi(),
        *_semi("_code", rule={"preset": "code", "t_obj": None, "t_bg": None}, color="green"),
        *_semi("_equalised", rule={"positions": "equalised"}, color="purple"),
    )
}
"""By name, in the order of tables."""


def rule_name(rule: Mapping) -> str:
    """What readers call a rule of selection: "paper", "authors' code", "places equalised, ours".

    Args:
        rule: ``preset``, ``positions``, ``t_obj``, ``t_bg``.
    """
    said = [{"paper": "paper", "code": "authors' code"}[rule["preset"]]]
    said += [
        f"{k.replace('t_', 'T_')} {rule[k]:g}" for k in ("t_obj", "t_bg") if rule[k] is not None
    ]
    if rule["positions"] == "equalised":
        said = [*(said if said != ["paper"] else []), "places equalised, ours"]
    return ", ".join(said)


def is_the_papers(rule: Mapping) -> bool:
    """Is a rule of selection the paper's to the letter: eqs. 3 to 5, its thresholds, as read?"""
    return rule_name(rule) == "paper"


def controls(methods=METHODS) -> dict[str, tuple[str, ...]]:
    """The controls that these methods use, with the constants that each leaves open."""
    used = {METHODS[name].control for name in methods}
    return {m.control: m.constants for m in METHODS.values() if m.control in used and m.control}


def rivals(methods) -> list[str]:
    """Of these methods, those that the paper sets SemI beside, in its order."""
    found = [METHODS[name] for name in methods if METHODS[name].rival]
    return [method.name for method in sorted(found, key=lambda m: m.rival)]
