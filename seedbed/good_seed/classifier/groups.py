"""Which classifiers a run trains, in groups of one job each, on how many pictures. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS = ("prompt", "image", "controls", "sizes")
"""Jobs of a model."""
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
    "device",
)
"""Keys of ``good_seed.classifier`` that decide what a training learns, and where it computes."""


def trainings_of(settings: Mapping, n_prompts: int) -> dict[str, list[dict]]:
    """The trainings of each job, by the job's name; no empty jobs.

    ``prompt`` and ``image`` are the two splits of whole pictures, ``controls`` and ``sizes`` are
    split by prompt. Sizes are those below what there is to train on.

    Args:
        settings: ``good_seed.classifier``, complete.
        n_prompts: pictures that there are of each seed.
    """
    if not settings["seeds"]:
        return {}
    train, _, _ = counts_of(n_prompts, settings["val_share"], settings["test_share"])
    sizes = [n for n in sorted(settings["images_per_seed"]) if n < train]
    found = {
        "prompt": [_one("whole", "prompt")],
        "image": [_one("whole", "image")],
        "controls": [_one(variant, "prompt") for variant in settings["controls"]],
        "sizes": [_one("whole", "prompt", n) for n in sizes],
    }
    return {name: group for name, group in found.items() if group}


def prompts_of(settings: Mapping, design: Mapping) -> int:
    """How many prompts of a model's ranking give pictures.

    Args:
        settings: ``good_seed.classifier``.
        design: of the model.
    """
    spans = [design["splits"][name] for name in ("set1", "set2")]
    there = sum(span["stop"] - span["start"] for span in spans)
    return min(there, settings["prompts"] or there)


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
