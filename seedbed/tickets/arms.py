"""The arms of the layout comparison by name: methods, and SemI with other settings."""

from __future__ import annotations

from collections.abc import Mapping

METHOD_LABELS: dict[str, str] = {
    "sd": "SD",
    "paint": "Paint",
    "soft": "Soft",
    "swap": "Swap",
    "boxdiff": "BoxDiff",
    "soft_swap": "Soft+Swap",
    "semi": "SemI",
    "semi_soft": "SemI+Soft",
    "semi_swap": "SemI+Swap",
    "semi_soft_swap": "SemI+Soft+Swap",
}
"""As in the paper's Table 1."""
PARTNERS: dict[str, str] = {
    "semi": "sd",
    "semi_soft": "soft",
    "semi_swap": "swap",
    "semi_soft_swap": "soft_swap",
    "paint": "sd",
    "soft": "sd",
    "swap": "sd",
    "boxdiff": "sd",
    "soft_swap": "sd",
}
"""The method that each is tested against: itself without tickets, or plain SD."""


DEFAULT = "semi_default"
"""SemI on the layouts of its settings, which are tested against it."""


def uses_tickets(method: str) -> bool:
    """Does a method start from constructed noise?"""
    return method.startswith("semi")


def contrasts_of(arms: Mapping[str, Mapping]) -> list[tuple[str, str]]:
    """SemI and the methods that the paper sets it beside, as far as they are drawn."""
    return [("semi", other) for other in ("paint", "swap", "soft", "boxdiff") if other in arms]


def layout_arms(study: Mapping) -> dict[str, dict]:
    """Every arm that is drawn.

    Args:
        study: the config's ``lottery_ticket``.

    Returns:
        Name to ``method`` (a key of ``tickets.methods.METHODS``), ``noises`` (of the collection),
        ``rule`` (``preset``, ``positions``, ``t_obj``, ``t_bg``), both None without tickets,
        ``restandardise`` and ``stride`` (every how many-th layout is drawn). First the methods of
        Table 1, then the settings of Table 2: the default once more on their layouts, each off it
        in one value, the other preset, the other reading of scores, the re-standardised latents.
    """
    plain = {"restandardise": False, "stride": 1}
    default = {"noises": study["noises"]["count"], "rule": study["rule"]} | plain
    # What is said about tickets must not rerun an arm that uses none.
    without = {"noises": None, "rule": None} | plain
    arms = {
        method: {"method": method} | (default if uses_tickets(method) else without)
        for method in study["methods"]
    }
    varied = study["sensitivity"]
    semi = {"method": "semi"} | default | {"stride": varied["stride"]}
    arms[DEFAULT] = semi
    for n in varied["noises"]:
        arms[f"semi_n{n}"] = semi | {"noises": n}
    for key in ("t_obj", "t_bg"):
        for value in varied[key]:
            arms[f"semi_{key}_{value:g}"] = semi | {"rule": {**study["rule"], key: value}}
    for preset in varied["presets"]:
        rule = {**study["rule"], "preset": preset, "t_obj": None, "t_bg": None}
        arms[f"semi_{preset}"] = semi | {"rule": rule}
    for positions in varied["positions"]:
        rule = {**study["rule"], "positions": positions}
        arms[f"semi_{positions}"] = semi | {"rule": rule}
    if varied["restandardise"]:
        arms["semi_restandardised"] = semi | {"restandardise": True}
    return arms


def partners_of(arms: Mapping[str, Mapping]) -> dict[str, str]:
    """The arm that each is tested against: methods ``PARTNERS``, settings ``DEFAULT``.

    Arms whose partner is not drawn have none.
    """
    wanted = {arm: PARTNERS.get(arm, DEFAULT) for arm in arms if arm not in ("sd", DEFAULT)}
    return {arm: partner for arm, partner in wanted.items() if partner in arms}


def arm_labels(arms: Mapping[str, Mapping]) -> dict[str, dict[str, str]]:
    """Readable names of the arms of Table "1" (methods) and Table "2" (settings of SemI)."""
    methods = {a: METHOD_LABELS[a] for a in arms if a in METHOD_LABELS}
    settings = {a: _setting(a, entry) for a, entry in arms.items() if a not in METHOD_LABELS}
    return {"1": methods, "2": settings}


def _setting(arm: str, entry: Mapping) -> str:
    if arm == DEFAULT:
        return "Default"
    if entry["restandardise"]:
        return "re-standardised"
    if arm == f"semi_{entry['rule']['preset']}":
        return f"preset “{entry['rule']['preset']}”"
    if arm == f"semi_{entry['rule']['positions']}":
        return {"as_read": "scores as read", "equalised": "places equalised"}[
            entry["rule"]["positions"]
        ]
    if arm == f"semi_n{entry['noises']}":
        return f"N = {entry['noises']}"
    key = next(k for k in ("t_obj", "t_bg") if arm.startswith(f"semi_{k}_"))
    return f"{key.replace('t_', 'T_')} = {entry['rule'][key]:g}"


def shard_ranges(noises: Mapping) -> dict[str, range]:
    """The noises of each shard of the collection: ``noises_100000-100049`` and so on.

    Ranges begin at multiples of the shard's size, so that a larger count keeps the shards
    that are there and adds to them.
    """
    start, count, size = noises["start"], noises["count"], noises["per_job"]
    ranges = {}
    for first in range(start, start + count, size):
        stop = min(first + size, start + count)
        ranges[f"noises_{first}-{stop - 1}"] = range(first, stop)
    return ranges
