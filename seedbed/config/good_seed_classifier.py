"""Checks of ``good_seed.classifier`` that its schema cannot say: pictures, arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.config.loader import load
from seedbed.good_seed.classifier.groups import counts_of, prompts_of
from seedbed.good_seed.design import design_of
from seedbed.run import shipped

KEY = "good_seed.classifier"


def faults(config: Mapping) -> list[str]:
    """One line for each fault of the section in a config that is complete."""
    study = config["good_seed"]
    settings = study["classifier"]
    if not settings["seeds"]:
        return []
    if settings["seeds"] == 1:
        return [f"{KEY}.seeds: one seed is not told from another; give 2 or more, or 0 for none"]
    lines = [*_argument_faults(settings)]
    lines += [line for model in study["models"] for line in _of_model(study, model)]
    # The same fault of several models is one fault.
    return list(dict.fromkeys(lines))


def _argument_faults(settings: Mapping) -> Iterator[str]:
    """Tables are merged key by key: who names another network has the default one's arguments."""
    default = load(shipped("config.yaml"))["good_seed"]["classifier"]
    given = settings["arguments"]
    if settings["network"] != default["network"] and given and given == default["arguments"]:
        yield (
            f"{KEY}.arguments: those of config.yaml for {default['network']}, and network is "
            f"{settings['network']!r}; give its own, or null for none"
        )


def _of_model(study: Mapping, model: str) -> list[str]:
    settings, design = study["classifier"], design_of(study, model)
    seeds = min(settings["seeds"], design["pool"]["stop"] - design["pool"]["start"])
    prompts = prompts_of(settings, design)
    # Spans that end before they start are told of elsewhere.
    if seeds < 1 or prompts < 1:
        return []
    try:
        _, _, test = counts_of(prompts, settings["val_share"], settings["test_share"])
    except ValueError as fault:
        return [f"{KEY}: {fault}"]
    shown = settings["gradcam"]
    return [
        f"{KEY}.gradcam.{key}: {shown[key]} {what}, but with {model} there are {most}; lower it"
        for key, what, most in (
            ("prompts", "test prompts", test),
            ("shown_prompts", "test prompts", test),
            ("shown_seeds", "seeds to tell apart", seeds),
        )
        if shown[key] > most
    ]
