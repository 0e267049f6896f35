"""What of the papers a run cannot have, and why; what of Storybook's a run of others still uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.choices import STORYBOOK
from seedbed.good_seed.guided_models import why_unguided

if TYPE_CHECKING:
    from seedbed.plan import Plan


SHIPPED = "resources/storybook/"
"""Where the weights lie that were trained on the Storybook world."""
KINDS = {
    "prompts": "captions",
    "references": "pictures",
    "layouts": "layouts",
    "pairs": "pictures and masks",
}
"""What sets of a Storybook kind hold."""


def left_out(plan: Plan) -> list[str]:
    """One line for each part of the papers that a run cannot have.

    And one for each of Storybook's inputs and evaluators that models of no such world are drawn or
    measured with.
    """
    lines = []
    study = plan.good_seed
    if plan.seeds_of_models:
        if not study["reference"]:
            lines.append("Fréchet distance: good_seed.reference names no real pictures")
        if not study["extractors"]:
            lines.append("Fréchet distance: good_seed.extractors is empty")
        if not study["scorers"]:
            lines.append("preference: good_seed.scorers is empty")
        if not plan.rankings:
            lines.append("golden seeds, Table 1, Figures 5 to 7: no score ranks seeds")
        lines += [
            f"style, habits, composition, diverse seeds: good_seed.survey of {model} names no "
            "prompts"
            for model in plan.seeds_of_models
            if model not in plan.surveyed_models
        ]
        if plan.good_seed["style"]["extractor"] is None:
            lines.append("style, Figure 8: good_seed.style.extractor is null")
        if plan.good_seed["composition"]["segmenter"] is None:
            lines.append(
                "place, size and depth of objects, Figure 10: good_seed.composition.segmenter "
                "is null"
            )
        if not plan.diverse_aims:
            lines.append("diverse seeds, Table 2, Figure 11: neither style nor composition")
        if plan.good_seed["habits"]["detector"] is None:
            lines.append("lettering of seeds: good_seed.habits.detector is null")
        if plan.inpainting_model is None:
            lines.append("inserted text, Figure 12: good_seed.inpainting names no model")
        elif plan.text_reader is None:
            lines.append("inserted text, Figure 12: good_seed.inpainting names no reader")
        lines += [f"Particle Guidance: {why}" for why in why_unguided(plan.config)]
        if not plan.named_models:
            lines.append("seed classifier, Figure 4: good_seed.classifier.seeds is 0")
        if plan.swap_model is None:
            lines.append("Figure 2: no studied model has a step to swap the seed after")
    else:
        lines.append("Good Seed: good_seed.models is empty")
    if not plan.ticket_models:
        lines.append("Lottery Ticket: lottery_ticket.models is empty")
    elif not plan.detectors:
        lines.append(
            "IoU, R_suc, Tables 1 and 2, Figure 8, layers: lottery_ticket.detectors is empty"
        )
    lines += [
        f"Figure 6's share of the right background: {model} is not marked world: storybook, "
        "whose settings have known colours"
        for model in plan.ticket_models
        if model not in plan.told_backgrounds
    ]
    if not plan.world_models:
        lines.append("quality against the truth: no studied model has world: storybook")
    lines = [f"not in this run: {line}" for line in lines]
    return lines + [f"note: {line}" for line in _of_another_world(plan)]


def _of_another_world(plan: Plan) -> Iterator[str]:
    """What was made for the Storybook world and serves models that are not marked as of it."""
    for table, key, name, models in _selected(plan):
        others = [m for m in models if plan.config["models"][m]["world"] != STORYBOOK]
        if name is None or not others:
            continue
        entry, whose = plan.config[table][name], " and ".join(others)
        if table in KINDS:
            if entry["kind"].startswith(STORYBOOK):
                yield (
                    f"{key} {name} are {KINDS[table]} of the Storybook world, which {whose} may "
                    "not know; name others"
                )
        elif SHIPPED in entry["source"] or STORYBOOK in f"{entry['kind']} {entry.get('network')}":
            yield (
                f"{key} {name} was trained on the Storybook world alone, and measures pictures of "
                f"{whose}; name another"
            )


def _selected(plan: Plan) -> Iterator[tuple[str, str, str | None, list[str]]]:
    """Table, key, name and models of all inputs and evaluators that the run uses."""
    study, lottery = plan.good_seed, plan.lottery_ticket
    if plan.seeds_of_models:
        yield from _of_seeds(plan)
    for model in plan.surveyed_models:
        yield (
            "prompts",
            "good_seed.survey.prompts",
            plan.design(model)["survey"]["prompts"],
            [model],
        )
    fillers = [plan.inpainting_model] if plan.inpainting_model else []
    for table, section, key, models in (
        ("extractors", "style", "extractor", plan.surveyed_models),
        ("detectors", "habits", "detector", plan.surveyed_models),
        ("segmenters", "composition", "segmenter", plan.surveyed_models),
        ("depths", "composition", "depth", plan.surveyed_models),
        ("prompts", "particle_guidance", "prompts", plan.guided_models),
        ("extractors", "particle_guidance", "extractor", plan.guided_models),
        ("extractors", "particle_guidance", "features", plan.guided_models),
        ("pairs", "inpainting", "pairs", fillers),
        ("detectors", "inpainting", "reader", fillers),
    ):
        yield table, f"good_seed.{section}.{key}", study[section][key], models
    if plan.ticket_models:
        names = [("layouts", lottery["layouts"])]
        names += [("tuning.layouts", lottery["tuning"]["layouts"])] if plan.controls else []
        for key, name in names:
            yield "layouts", f"lottery_ticket.{key}", name, plan.ticket_models
        for name in plan.detectors:
            yield "detectors", "lottery_ticket.detectors", name, plan.ticket_models


def _of_seeds(plan: Plan) -> Iterator[tuple[str, str, str | None, list[str]]]:
    """What ranks seeds and judges them, and the prompts of both."""
    study, models = plan.good_seed, plan.seeds_of_models
    named = [("references", "reference", study["reference"])]
    named += [("prompts", key, study[key]) for key in ("prompts", "transfer_prompts")]
    for key in ("kinds_figure", "library"):
        named += [("prompts", f"{key}.prompts", name) for name in study[key]["prompts"]]
    named += [(table, table, name) for table in ("extractors", "scorers") for name in study[table]]
    for table, key, name in named:
        yield table, f"good_seed.{key}", name, models
