"""Fill the masked part of pictures: every seed with every picture, asked for in every mode.

The loop is ``sampling.denoise``; it equals ``StableDiffusionInpaintPipeline`` at strength 1, which
starts from noise alone (tests/unit/test_inpaint.py). A seed's noise is the same for all pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from seedbed.masked_photos import arrays_of
from seedbed.models.base import Condition
from seedbed.models.sd_inpaint import GIVEN
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.generate import generate, grid_pairs

MODES = ("removal", "completion")
"""Fill with background, or with the object that is hidden (Good Seed, section 4.3)."""


def filling_prompts(pairs: pd.DataFrame, prompts: Mapping[str, str | None]) -> pd.DataFrame:
    """What is asked of every picture in every mode.

    Args:
        pairs: see ``masked_photos``.
        prompts: the text of each mode; ``None`` for the category of what is hidden.

    Returns:
        ``prompt_id`` (``pair_id:mode``), ``text``, ``mode``, ``pair_id``, ``object``.
    """
    rows = [
        {
            "prompt_id": f"{pair.pair_id}:{mode}",
            "text": pair.category if prompts[mode] is None else prompts[mode],
            "mode": mode,
            "pair_id": pair.pair_id,
            "object": pair.category,
        }
        for pair in pairs.itertuples()
        for mode in MODES
    ]
    return pd.DataFrame(rows)


def condition_of(model, tasks: pd.DataFrame, pairs: pd.DataFrame) -> Condition:
    """Texts, pictures and masks of tasks; each picture is encoded once.

    Args:
        model: of a family that fills masks.
        tasks: as ``filling_prompts`` makes them.
        pairs: what they speak of.

    Raises:
        ValueError: a task speaks of a pair that is not there, or pictures have another size than
            the model draws.
    """
    row_of = {name: row for row, name in enumerate(pairs["pair_id"])}
    unknown = sorted(set(tasks["pair_id"]) - set(row_of))
    if unknown:
        raise ValueError(f"pair {unknown[0]!r} is not among the pairs ({len(unknown)} such)")
    given = model.encode_masked(*arrays_of(pairs))
    states = model.encode(tasks["text"].tolist()).embeddings
    return Condition(states, {GIVEN: given[[row_of[p] for p in tasks["pair_id"]]]})


def inpaint(
    drawing: Drawing,
    seeds: Sequence[int],
    tasks: pd.DataFrame,
    pairs: pd.DataFrame,
    path: str | Path,
    encoding: str,
) -> int:
    """Fill every picture with every seed into an image shard; returns how many images.

    Args:
        drawing: a model that fills masks, sampler, noise stream, images per UNet batch.
        seeds: in the order of the shard.
        tasks: as ``filling_prompts`` makes them.
        pairs: what they speak of.
        path: the Parquet shard, with a row per seed and ``prompt_id``.
        encoding: key of ``store.ENCODINGS``.

    Raises:
        ValueError: as ``condition_of``.
        NotFiniteError: an image is not finite; its seed and prompt are named.
    """
    condition = condition_of(drawing.model, tasks, pairs)
    shown = grid_pairs(seeds, tasks["prompt_id"])
    return generate(drawing, shown, tasks, path, encoding, condition)
