"""What jobs of Good Seed hold in memory, worked out from the config alone. Torch-free.

``benchmarks/memory.py`` measures the same jobs at a full-size input; the factors here are what it
found, rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.choices import GRAM_NETWORKS
from seedbed.evaluators.registry import width_of
from seedbed.good_seed.design import design_of

MB = 2**20
LIBRARIES = 600
"""MB of an interpreter with what a job of statistics imports."""
LEAST = 1000
SAMPLE = 4096
"""Pictures that others are held against, where the config does not say and there are as many."""
PROJECTED = 2
"""Copies of a picture's features in float64 while it is measured: shifted and projected."""
ARMS = 6
"""Of the cross-fitted trial, with four seeds for each prompt."""
ASSIGNMENTS = 4
WRITTEN = 4
"""Copies of a shard's features while they are joined, checked and written."""
ROW = 400
"""Bytes of a picture's row in a table, with its seed and prompt, while it is written."""


@dataclass(frozen=True)
class Memory:
    """MB of jobs, by model.

    Attributes:
        config: complete and checked.
    """

    config: Mapping

    def seed(self, model: str, extractor: str) -> int:
        """A job that measures seeds one by one: a seed's features, the pool's statistics."""
        seeds, sets = self._pool(model)
        d = self._width(extractor)
        sample = min(
            self.config["good_seed"]["kernel_sample"] or seeds * max(sets), seeds * max(sets)
        )
        a_seed = sum(sets) * d * 4 * 3 + max(sets) * d * 8 * (2 * PROJECTED + 2)
        blocks = 1024 * max(8192, max(sets)) * 8 * 2
        held = 2 * sample * d * 4 * 3 + 12 * d * d * 8 + self._reference() * d * 4 * 8
        return _mb(a_seed + blocks + held)

    def exchange(self, model: str, extractor: str | None) -> int:
        """A job that exchanges pictures between seeds: all of these, projected."""
        if extractor is None:
            return LEAST
        seeds, sets = self._pool(model)
        first, d = self.config["good_seed"]["exchanged"], self._width(extractor)
        pictures = min(first["seeds"] or seeds, seeds) * sum(
            min(first["prompts"] or n, n) for n in sets
        )
        return _mb(pictures * d * (4 * 2 + 8 * PROJECTED) + 12 * d * d * 8)

    def crossfit(self, model: str, extractor: str | None) -> int:
        """A job that judges arms on the ranking images: those that the arms draw, projected."""
        seeds, sets = self._pool(model)
        if extractor is None:
            return self.pictures(model)
        d = self._width(extractor)
        drawn = min(ARMS * ASSIGNMENTS, seeds) * max(sets)
        rows = drawn * d * (4 * 2 + 8 * PROJECTED) + 12 * d * d * 8
        return _mb(rows + 6 * seeds * sum(sets) * 8)

    def style(self, model: str) -> int:
        """A job that compares Gram vectors: those of one prompt, some in float64, and tables of
        all pairs of seeds for each prompt."""
        name = self.config["good_seed"]["style"]["extractor"]
        seeds, prompts = self._survey(model)
        width = GRAM_NETWORKS[self.config["extractors"][name]["network"]] if name else 0
        return _mb(seeds * width * (2 + 8 * 3) + seeds * seeds * 8 * (prompts + 6))

    def gram(self, model: str) -> int:
        """A job that measures Gram vectors of a shard of a survey, joined and written."""
        name = self.config["good_seed"]["style"]["extractor"]
        return self.features(f"{model}/survey", name) if name else LEAST

    def features(self, shard: str, extractor: str) -> int:
        """A job that measures the pictures of a shard: a row of each, joined and written.

        Args:
            shard: its place below ``images/``; of a model's folders the largest shard counts.
            extractor: whose rows.
        """
        return _mb(self._pictures_of(shard) * self._row(extractor) * WRITTEN)

    def mapped(self, shard: str, extractor: str) -> int:
        """A job that reads the features of a shard where they lie; pages that are read count."""
        return _mb(self._pictures_of(shard) * self._row(extractor))

    def _pictures_of(self, shard: str) -> int:
        """Most pictures of a shard of that folder; none where no study fills it with many."""
        model, part, *_ = shard.split("/")
        if model == "reference":
            return self._reference()
        design = design_of(self.config["good_seed"], model)
        if part == "ranking":
            _, sets = self._pool(model)
            prompts = min(design["prompts_per_job"] or sum(sets), sum(sets))
            return design["seeds_per_job"] * prompts
        if part == "survey":
            return design["survey"]["seeds_per_job"] * self._survey(model)[1]
        if part == "diversity":
            trial = design["diversity"]
            prompts = max(trial["prompts"], trial["composition_prompts"] or 0)
            return prompts * trial["count"] * trial["trials"]
        return 0

    def _row(self, extractor: str) -> int:
        """Bytes of a picture's features."""
        entry = self.config["extractors"][extractor]
        if entry["kind"] == "gram":
            return 2 * GRAM_NETWORKS[entry["network"]]
        return 4 * self._width(extractor)

    def _survey(self, model: str) -> tuple[int, int]:
        """Seeds and prompts."""
        survey = design_of(self.config["good_seed"], model)["survey"]
        seeds = survey["seeds"]["stop"] - survey["seeds"]["start"]
        return seeds, survey["objects"] * survey["modifiers"]

    def pictures(self, model: str) -> int:
        """A job that holds a row of every ranking image."""
        seeds, sets = self._pool(model)
        return _mb(seeds * sum(sets) * ROW)

    def _pool(self, model: str) -> tuple[int, list[int]]:
        """Seeds, and prompts of each set."""
        design = design_of(self.config["good_seed"], model)
        spans = [design["pool"], *(design["splits"][name] for name in ("set1", "set2"))]
        seeds, *sets = (span["stop"] - span["start"] for span in spans)
        return seeds, sets

    def _width(self, extractor: str) -> int:
        return width_of(self.config["extractors"][extractor]["kind"])

    def _reference(self) -> int:
        """Real pictures; of a folder the number is not known."""
        reference = self.config["references"].get(self.config["good_seed"]["reference"]) or {}
        return reference.get("count", 10000)


def _mb(held: int) -> int:
    return max(LEAST, LIBRARIES + -(-held // MB))
