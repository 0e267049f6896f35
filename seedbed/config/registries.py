"""The names that a config can choose among, taken from the code that knows them."""

from __future__ import annotations

from functools import cache


@cache
def registries() -> dict[str, list[str]]:
    """Every ``registry`` that the schemas speak of, with its names.

    Imported when asked for, so that what only reads a config does not depend on every part.
    """
    from seedbed import choices
    from seedbed.evaluators.registry import kinds as evaluators
    from seedbed.inputs import kinds as inputs
    from seedbed.lottery_ticket.comparison.methods import METHODS, POSITIONS, PRESETS, controls
    from seedbed.models.architectures import names as architectures
    from seedbed.models.registry import families

    constants = {name: None for names in controls().values() for name in names}
    found = {
        "families": families(),
        "gram_networks": (*choices.GRAM_NETWORKS, None),
        "extractors": evaluators("extractors"),
        "scorers": evaluators("scorers"),
        "detectors": evaluators("detectors"),
        "segmenters": evaluators("segmenters"),
        "depths": evaluators("depths"),
        "prompt_kinds": inputs("prompts"),
        "layout_kinds": inputs("layouts"),
        "pair_kinds": inputs("pairs"),
        "reference_kinds": inputs("references"),
        "methods": METHODS,
        "presets": PRESETS,
        "positions": POSITIONS,
        "tuning": ("layouts", "widen", *controls()),
        "constants": constants,
        "score_modes": choices.SCORE_MODES,
        "articles": choices.ARTICLES,
        "schedulers": choices.SCHEDULERS,
        "precisions": choices.PRECISIONS,
        "weight_types": choices.WEIGHT_TYPES,
        "devices": choices.DEVICES,
        "architectures": (*architectures(), None),
        "streams": choices.STREAMS,
        "encodings": choices.ENCODINGS,
        "memory_formats": choices.MEMORY_FORMATS,
        "gpus": choices.GPUS,
        "picture_variants": choices.PICTURE_VARIANTS,
        "heads": choices.HEADS,
        "hps_versions": choices.HPS_VERSIONS,
    }
    return {name: list(names) for name, names in found.items()}
