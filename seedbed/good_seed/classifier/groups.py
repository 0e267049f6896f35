"""Which classifiers a run trains, in groups of one job each, on how many pictures. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping

TRAINING_KEYS = (
    "prompts",
    "network",
    "arguments",
    "input_size",
    "head",
    "epochs",
    "batch",
    "lr",
    "weight_decay",
    "warmup_epochs",
    "seed",
    "val_share",
    "test_share",
)
"""Keys of ``good_seed.classifier`` that decide what a training learns."""


def trainings_of(settings: Mapping) -> dict[str, list[dict]]:
    """The trainings of each job, by the job's name; no empty jobs.

    ``prompt`` and ``image`` are the two splits of whole pictures, ``controls`` and ``sizes`` are
    split by prompt.

    Args:
        settings: ``good_seed.classifier``, complete.
    """
    if not settings["seeds"]:
        return {}
    found = {
        "prompt": [_one("whole", "prompt")],
        "image": [_one("whole", "image")],
        "controls": [_one(variant, "prompt") for variant in settings["controls"]],
        "sizes": [_one("whole", "prompt", n) for n in settings["images_per_seed"]],
    }
    return {name: group for name, group in found.items() if group}


def counts_of(n_prompts: int, val_share: float, test_share: float) -> tuple[int, int, int]:
    """Pictures of each seed in training, validation and test; validation and test have one or more.

    Raises:
        ValueError: nothing is left to train on.
    """
    val, test = (max(1, round(share * n_prompts)) for share in (val_share, test_share))
    train = n_prompts - val - test
    if train < 1:
        raise ValueError(
            f"{n_prompts} prompts leave none to train on: {val} for validation, {test} for the "
            "test; lower good_seed.classifier.val_share or test_share, or give more ranking prompts"
        )
    return train, val, test


def _one(variant: str, split: str, per_seed: int | None = None) -> dict:
    return {"variant": variant, "split": split, "per_seed": per_seed}
