"""Images of a survey as vectors, prompt by prompt: no job holds those of all prompts.

Gram vectors of 1,024 seeds with 440 prompts are 276 GB, of one prompt 0.6 GB.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed import store


@dataclass(frozen=True, eq=False)
class SurveyCells(Sequence):
    """(seeds, d) vectors of each prompt, read when they are asked for.

    Attributes:
        features: where they lie.
        seeds: in rising order.
        prompt_ids: in their order.
    """

    features: store.MappedFeatures
    seeds: tuple[int, ...]
    prompt_ids: tuple[str, ...]

    @classmethod
    def of(cls, paths: Sequence[str], prompt_ids: Sequence[str]) -> SurveyCells:
        """From feature shards of a survey; raises what ``store.MappedFeatures`` raises."""
        features = store.MappedFeatures(paths)
        return cls(features, tuple(features.seeds), tuple(prompt_ids))

    def __len__(self) -> int:
        return len(self.prompt_ids)

    def __getitem__(self, place: int) -> np.ndarray:
        """(seeds, d) of one prompt; an IndexError beyond the last."""
        return self.features.of_prompt(self.seeds, self.prompt_ids[place])

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[i] for i in range(len(self)))

    def among(self, places: Sequence[int]) -> SurveyCells:
        """Those of some prompts."""
        ids = tuple(self.prompt_ids[i] for i in places)
        return SurveyCells(self.features, self.seeds, ids)
