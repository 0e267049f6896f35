"""How one model's seeds are studied: the study's keys, and what the model has otherwise.

A model of one step draws a hundred times as fast as one of fifty, and can carry a larger pool and
more prompts; each has the design that its budget decides. Torch-free.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

KEYS = (
    "pool",
    "seeds_per_job",
    "prompts_per_job",
    "scored",
    "splits",
    "transfer_count",
    "fresh_seeds",
    "trials",
    "survey",
    "diversity",
)


def design_of(study: Mapping, model: str) -> dict:
    """``KEYS`` of a complete ``good_seed`` section, with the model's own in their place.

    Args:
        study: the section.
        model: a name; one without a design of its own has the study's.
    """
    own = study["designs"].get(model, {})
    found = {key: deepcopy(study[key]) for key in KEYS}
    for key, value in own.items():
        found[key] = {**found[key], **value} if isinstance(value, dict) else value
    return found
