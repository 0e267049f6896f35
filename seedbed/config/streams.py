"""Checks of seeds against the generators that they are numbers of.

torch's CPU generator heeds the low 32 bits of a seed alone (``seedbed.noise``), so two numbers of
one noise would count as two seeds, and tickets could come from the very noises that are judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.good_seed.design import design_of

CPU_SEEDS = 2**32
LARGEST = 2**63 - 1
"""What the tables that hold seeds can hold."""


def faults(config: Mapping) -> list[str]:
    """One line for each key whose seeds reach beyond what tells noises apart."""
    lines = []
    for key, last, models in _reach(config):
        streams = {config["models"][name]["noise"] for name in models if name in config["models"]}
        if "cpu" in streams and last >= CPU_SEEDS:
            lines.append(
                f"{key}: reaches seed {last}, and torch's CPU generator tells those below "
                f"{CPU_SEEDS} apart only; stay below, or set noise: cuda for the models"
            )
        elif streams and last > LARGEST:
            lines.append(f"{key}: reaches seed {last}, beyond the largest, {LARGEST}; stay below")
    # Two sets of layouts may be drawn from one key.
    return list({line.partition(":")[0]: line for line in reversed(lines)}.values())


def _reach(config: Mapping) -> Iterator[tuple[str, int, list[str]]]:
    """Key, largest seed, and the models that draw with it."""
    study, lottery = config["good_seed"], config["lottery_ticket"]
    for model in study["models"]:
        design = design_of(study, model)
        own = study["designs"].get(model, {})
        for key, span in (("pool", design["pool"]), ("survey.seeds", design["survey"]["seeds"])):
            where = f"good_seed.designs.{model}" if key.partition(".")[0] in own else "good_seed"
            yield f"{where}.{key}.stop", span["stop"] - 1, [model]
    filling = study["inpainting"]
    if study["models"] and filling["model"] is not None:
        yield ("good_seed.inpainting.seeds.stop", filling["seeds"]["stop"] - 1, [filling["model"]])
    swap = study["swap"]
    last = swap["base_seed"] + 2 * swap["pairs"] - 1
    yield "good_seed.swap.base_seed", last, [swap["model"]] if study["models"] else []
    guided = study["particle_guidance"]
    if guided["prompts"] is not None:
        last = guided["base_seed"] + guided["count"] * guided["particles"] - 1
        yield "good_seed.particle_guidance.base_seed", last, study["models"]
    noises = lottery["noises"]
    yield "lottery_ticket.noises", noises["start"] + noises["count"] - 1, lottery["models"]
    for name in (lottery["layouts"], lottery["tuning"].get("layouts")):
        entry = config["layouts"].get(name)
        if entry is not None:
            last = lottery["base_seed"] + max(entry["one"] + entry["two"], 1) - 1
            yield "lottery_ticket.base_seed", last, lottery["models"]
