"""What of the papers a run cannot have, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.good_seed.guided_models import why_unguided

if TYPE_CHECKING:
    from seedbed.plan import Plan


def left_out(plan: Plan) -> list[str]:
    """One line for each part of the papers that a run cannot have."""
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
    return [f"not in this run: {line}" for line in lines]
