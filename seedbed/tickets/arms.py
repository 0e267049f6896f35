"""The arms of the layout comparison by name: methods, and SemI with other settings."""

from __future__ import annotations

from collections.abc import Mapping

PARTNERS: dict[str, str] = {
    "semi": "sd",
    "semi_soft": "soft",
    "semi_swap": "swap",
    "semi_soft_swap": "soft",
    "paint": "sd",
    "soft": "sd",
    "swap": "sd",
    "boxdiff": "sd",
}
"""The method that each is tested against: itself without tickets, or plain SD."""


def layout_arms(study: Mapping) -> dict[str, dict]:
    """Every arm that is drawn.

    Args:
        study: the config's ``lottery_ticket``.

    Returns:
        Name to ``method`` (a key of ``tickets.methods.METHODS``), ``noises`` (of the collection),
        ``rule`` (``preset``, ``t_obj``, ``t_bg``) and ``restandardise``. First the methods of
        Table 1, then the settings of Table 2, each off the default in one value, then the other
        preset and the re-standardised latents.
    """
    default = {"noises": study["noises"]["count"], "rule": study["rule"], "restandardise": False}
    arms = {method: {"method": method} | default for method in study["methods"]}
    semi = {"method": "semi"} | default
    varied = study["sensitivity"]
    for n in varied["noises"]:
        arms[f"semi_n{n}"] = semi | {"noises": n}
    for key in ("t_obj", "t_bg"):
        for value in varied[key]:
            arms[f"semi_{key}_{value:g}"] = semi | {"rule": {**study["rule"], key: value}}
    for preset in varied["presets"]:
        rule = {"preset": preset, "t_obj": None, "t_bg": None}
        arms[f"semi_{preset}"] = semi | {"rule": rule}
    if varied["restandardise"]:
        arms["semi_restandardised"] = semi | {"restandardise": True}
    return arms


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
