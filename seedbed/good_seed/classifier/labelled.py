"""Pictures with the seeds that drew them, and how they are split for training and testing.

Good Seed, section 3.3, has 9,000 pictures of each seed for training, 1,000 for validation and 1,000
for the test, split by picture: each of its prompts is in all three, with other seeds. Split by
prompt, the test has prompts that were never trained on, with any seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from seedbed import store
from seedbed.good_seed.classifier.groups import counts_of
from seedbed.good_seed.classifier.mapped_pictures import in_parts, room


@dataclass(frozen=True)
class Labelled:
    """Every seed with every prompt, in the order of the seeds, then of the prompts.

    Attributes:
        pixels: (S·P, side, side, 3) uint8.
        seeds: S seeds.
        prompt_ids: P prompts.
    """

    pixels: np.ndarray
    seeds: list[int]
    prompt_ids: list[str]

    @property
    def labels(self) -> np.ndarray:
        """(S·P,) int64 place of each picture's seed among ``seeds``."""
        return np.repeat(np.arange(len(self.seeds)), len(self.prompt_ids))

    @property
    def digest(self) -> str:
        """Of pixels, seeds and prompts."""
        names = repr((self.seeds, self.prompt_ids, self.pixels.shape))
        found = hashlib.sha256(names.encode())
        for part in in_parts(self.pixels):
            found.update(np.ascontiguousarray(part).data)
        return found.hexdigest()

    def rows(self, at: np.ndarray) -> pd.DataFrame:
        """``seed`` and ``prompt_id`` of pictures."""
        seeds, prompts = np.asarray(self.seeds), np.asarray(self.prompt_ids, dtype=object)
        return pd.DataFrame(
            {"seed": seeds[at // len(prompts)], "prompt_id": prompts[at % len(prompts)]}
        )


def read(
    shards: Iterable[str | Path],
    seeds: Sequence[int],
    prompt_ids: Sequence[str],
    side: int,
    scratch: Path = Path("."),
) -> Labelled:
    """Pictures of these seeds and prompts from image shards, resized as they are read.

    The short side becomes ``side`` (bicubic), then the middle is cut out. They take 3 · side² bytes
    each, in memory or, if that is too much, in a file (``mapped_pictures.room``).

    Args:
        shards: image shards; what else they hold is passed over.
        seeds: classes.
        prompt_ids: prompts of every seed.
        side: of the network's input in pixels.
        scratch: folder of that file.

    Raises:
        ValueError: a picture is lacking or stands twice; the first is named.
    """
    shards = list(shards)
    row_of = {int(seed): i for i, seed in enumerate(seeds)}
    column_of = {prompt: i for i, prompt in enumerate(prompt_ids)}
    pixels = room((len(row_of), len(column_of), side, side, 3), scratch)
    seen = np.zeros(pixels.shape[:2], dtype=np.int64)
    for shard in shards:
        for columns, images in store.read_images(shard):
            for seed, prompt, image in zip(
                columns["seed"], columns["prompt_id"], images, strict=True
            ):
                if seed in row_of and prompt in column_of:
                    at = row_of[seed], column_of[prompt]
                    pixels[at] = resized(image, side)
                    seen[at] += 1
    if (seen != 1).any():
        s, p = np.argwhere(seen != 1)[0]
        what = "is lacking" if seen[s, p] == 0 else "stands twice"
        raise ValueError(
            f"{', '.join(map(str, shards))}: the image of seed {seeds[s]}, prompt {prompt_ids[p]} "
            f"{what} ({int((seen != 1).sum())} such images); {store.AGAIN}"
        )
    flat = pixels.reshape(-1, side, side, 3)
    return Labelled(flat, [int(seed) for seed in seeds], [str(prompt) for prompt in prompt_ids])


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """(h, w, 3) uint8 to (side, side, 3): short side to ``side``, bicubic, then the middle."""
    h, w = image.shape[:2]
    if (h, w) == (side, side):
        return image
    size = tuple(max(side, round(side * length / min(h, w))) for length in (w, h))
    whole = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
    y, x = (whole.shape[0] - side) // 2, (whole.shape[1] - side) // 2
    return whole[y : y + side, x : x + side]


@dataclass(frozen=True)
class Split:
    """Places of pictures in a ``Labelled``.

    Attributes:
        train, val, test: (n,) int64 each, the same number for every seed.
    """

    train: np.ndarray
    val: np.ndarray
    test: np.ndarray


def split(
    data: Labelled, by: str, val_share: float, test_share: float, rng: np.random.Generator
) -> Split:
    """Pictures by use; every seed has equally many of each.

    Args:
        data: all pictures.
        by: ``prompt``: all seeds have the same prompts in each part, so that no prompt is in two;
            ``image``: each seed has prompts of its own in each (the paper's).
        val_share, test_share: of the prompts.
        rng: the only source of randomness.
    """
    n_seeds, n = len(data.seeds), len(data.prompt_ids)
    train, val, _ = counts_of(n, val_share, test_share)
    if by == "prompt":
        order = np.tile(rng.permutation(n), (n_seeds, 1))
    elif by == "image":
        order = rng.permuted(np.tile(np.arange(n), (n_seeds, 1)), axis=1)
    else:
        raise ValueError(f"a split by {by!r} is unknown: prompt or image")
    places = order + n * np.arange(n_seeds)[:, None]
    parts = np.split(places, [train, train + val], axis=1)
    return Split(*(part.ravel() for part in parts))


def fewer(parts: Split, n_seeds: int, per_seed: int) -> Split:
    """The same split with the first ``per_seed`` training pictures of each seed.

    Smaller sets are parts of larger ones, and validation and test stay as they are.

    Raises:
        ValueError: there are not so many.
    """
    train = parts.train.reshape(n_seeds, -1)
    if not 1 <= per_seed <= train.shape[1]:
        raise ValueError(
            f"good_seed.classifier.images_per_seed: {per_seed} images of each seed, but "
            f"{train.shape[1]} are there to train on; lower it"
        )
    return Split(train[:, :per_seed].ravel(), parts.val, parts.test)
