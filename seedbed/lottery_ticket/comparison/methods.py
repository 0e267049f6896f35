"""The compared methods, one record each (Lottery Ticket, 4.3 and Table 1; BoxDiff is later).

A method is an initial latent and, for some, a control of the denoising. Labels, partners, tuning,
the config's choices and the tables derive from these records; nothing is decoded from names.
"""

from __future__ import annotations

from dataclasses import dataclass

PRESETS = ("paper", "code")
"""Selection rules by name: ``tickets.select.PRESETS``."""
POSITIONS = ("as_read", "equalised")
"""What a score owes to the place of its block: kept, or taken out (``Collection.equalised``)."""


@dataclass(frozen=True)
class Method:
    """One way to draw a captioned layout.

    Attributes:
        name: in the config and in file names.
        label: in tables and figures.
        partner: name of the method that it is tested against: itself without tickets, or plain
            SD; ``None`` for SD.
        tickets: starts from noise constructed of tickets.
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
    swap: bool = False
    control: str | None = None
    constants: tuple[str, ...] = ()
    rival: int = 0
    color: str = "grey"


_WEIGHT, _SOFT = ("weight",), ("weight", "width")
_BOXDIFF = ("step_size", "grid", "max_refinements")
_TICKETS = {"tickets": True, "color": "blue"}
_SOFT_MASKS = {"control": "soft", "constants": _SOFT}

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("sd", "SD", partner=None),
        Method("paint", "Paint", control="paint", constants=_WEIGHT, rival=1),
        Method("soft", "Soft", rival=3, **_SOFT_MASKS),
        Method("swap", "Swap", swap=True, rival=2),
        Method("boxdiff", "BoxDiff", control="boxdiff", constants=_BOXDIFF, rival=4),
        Method("soft_swap", "Soft+Swap", swap=True, **_SOFT_MASKS),
        Method("semi", "SemI", **_TICKETS),
        Method("semi_soft", "SemI+Soft", partner="soft", **_TICKETS, **_SOFT_MASKS),
        Method("semi_swap", "SemI+Swap", partner="swap", swap=True, **_TICKETS),
        Method(
            "semi_soft_swap",
            "SemI+Soft+Swap",
            partner="soft_swap",
            swap=True,
            **_TICKETS,
            **_SOFT_MASKS,
        ),
    )
}
"""By name, in the order of tables."""


def controls(methods=METHODS) -> dict[str, tuple[str, ...]]:
    """The controls that these methods use, with the constants that each leaves open."""
    used = {METHODS[name].control for name in methods}
    return {m.control: m.constants for m in METHODS.values() if m.control in used and m.control}


def rivals(methods) -> list[str]:
    """Of these methods, those that the paper sets SemI beside, in its order."""
    found = [METHODS[name] for name in methods if METHODS[name].rival]
    return [method.name for method in sorted(found, key=lambda m: m.rival)]
