"""Checks of ``good_seed.classifier`` that its schema cannot say: whether the pictures suffice."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.good_seed.classifier.groups import counts_of
from seedbed.good_seed.design import design_of

KEY = "good_seed.classifier"


def faults(config: Mapping) -> list[str]:
    """One line for each fault of the section in a config that is complete."""
    study = config["good_seed"]
    settings = study["classifier"]
    if not settings["seeds"]:
        return []
    if settings["seeds"] == 1:
        return [f"{KEY}.seeds: one seed is not told from another; give 2 or more, or 0 for none"]
    lines = [line for model in study["models"] for line in _of_model(study, model)]
    shown = settings["gradcam"]["shown_seeds"]
    if shown > settings["seeds"]:
        lines.append(
            f"{KEY}.gradcam.shown_seeds: {shown} seeds of the {settings['seeds']} of {KEY}.seeds; "
            "lower it"
        )
    # The same fault of several models is one fault.
    return list(dict.fromkeys(lines))


def _of_model(study: Mapping, model: str) -> list[str]:
    settings, design = study["classifier"], design_of(study, model)
    pool = design["pool"]["stop"] - design["pool"]["start"]
    spans = [design["splits"][name] for name in ("set1", "set2")]
    there = sum(span["stop"] - span["start"] for span in spans)
    # Spans that end before they start are told of elsewhere.
    if pool < 1 or there < 1:
        return []
    lines = []
    if settings["seeds"] > pool:
        lines.append(
            f"{KEY}.seeds: {settings['seeds']} seeds, but the pool of {model} has {pool}; lower it "
            "or enlarge the pool"
        )
    wanted = settings["prompts"] or there
    if wanted > there:
        lines.append(
            f"{KEY}.prompts: {wanted} prompts, but set1 and set2 of {model} have {there}; lower it"
        )
    try:
        train, _, test = counts_of(
            min(wanted, there), settings["val_share"], settings["test_share"]
        )
    except ValueError as fault:
        return [*lines, f"{KEY}: {fault}"]
    most = max(settings["images_per_seed"], default=0)
    if most > train:
        lines.append(
            f"{KEY}.images_per_seed: {most} pictures of each seed, but {train} are there to train "
            f"on with {model}; lower it or give more prompts"
        )
    lines += [
        f"{KEY}.gradcam.{key}: {settings['gradcam'][key]} prompts, but the test has {test} with "
        f"{model}; lower it"
        for key in ("prompts", "shown_prompts")
        if settings["gradcam"][key] > test
    ]
    return lines
