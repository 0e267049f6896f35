"""What a run consists of for Good Seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from seedbed.choices import STORYBOOK
from seedbed.good_seed import diversity_arms
from seedbed.good_seed.classifier.groups import prompts_of, trainings_of
from seedbed.good_seed.design import design_of
from seedbed.good_seed.guided_models import guided_models
from seedbed.good_seed.memory import Memory
from seedbed.plan.jobs_cut import ranges
from seedbed.run import Run


@dataclass(frozen=True)
class Ranking:
    """By what seeds are ranked: an extractor's distance, a scorer's preference, or both.

    Attributes:
        extractor, scorer: names in the config; one of them may be ``None``.
    """

    extractor: str | None
    scorer: str | None

    @property
    def name(self) -> str:
        """In paths: the names joined by a plus sign."""
        return "+".join(part for part in (self.extractor, self.scorer) if part)


class GoodSeedPart:
    """Of ``Plan``, what Good Seed is about: seeds, their shards, trials."""

    config: Mapping
    run: Run

    @property
    def good_seed(self) -> Mapping:
        return self.config["good_seed"]

    @property
    def seeds_of_models(self) -> list[str]:
        """Models whose seeds are studied."""
        return list(self.good_seed["models"])

    @cached_property
    def designs(self) -> dict[str, dict]:
        """How each model's seeds are studied: pools, prompts, trials."""
        return {model: design_of(self.good_seed, model) for model in self.seeds_of_models}

    def design(self, model: str) -> dict:
        """How a model's seeds are studied."""
        return self.designs[model]

    def pool(self, model: str) -> range:
        """The seeds of a model that are ranked."""
        span = self.design(model)["pool"]
        return range(span["start"], span["stop"])

    def seed_ranges(self, model: str) -> dict[str, range]:
        """The seeds of each shard of a model's ranking images."""
        design = self.design(model)
        span = design["pool"]
        return ranges("seeds", span["start"], span["stop"], design["seeds_per_job"])

    def prompt_ranges(self, model: str) -> dict[str, range]:
        """The prompts of each shard of a model's ranking images (``prompts.splits.part``)."""
        design = self.design(model)
        spans = (design["splits"][name] for name in ("set1", "set2"))
        total = sum(span["stop"] - span["start"] for span in spans)
        return ranges("prompts", 0, total, design["prompts_per_job"] or total)

    def ranking_shards(
        self, model: str, scored: bool = False, exchanged: bool = False, seeds: str | None = None
    ) -> list[str]:
        """The shards of a model's ranking images, by seeds and then by prompts.

        Args:
            scored: only those that scorers see.
            exchanged: only those whose pictures null models exchange between seeds.
            seeds: only those of this range.
        """
        prompts, of_seeds = self.prompt_ranges(model), self.seed_ranges(model)
        if seeds:
            of_seeds = {seeds: of_seeds[seeds]}
        if exchanged:
            first = self.good_seed["exchanged"]
            pool = self.pool(model)[: first["seeds"]]
            of_seeds = {name: span for name, span in of_seeds.items() if span.start < pool.stop}
            prompts = {
                name: span
                for name, span in prompts.items()
                if self._first(model, span, first["prompts"])
            }
        if scored:
            count = self.design(model)["scored"]
            prompts = {
                name: span for name, span in prompts.items() if self._first(model, span, count)
            }
        return [
            self.run.ranking_shard(model, seeds, part) for seeds in of_seeds for part in prompts
        ]

    def judging_ranges(self, model: str) -> dict[str, range | None]:
        """The prompts of each shard of the golden trial, test prompts before those of the transfer.

        All in one, without a number, where the transfer takes a whole set: its rows are known only
        once it is read.
        """
        design = self.design(model)
        span, transfer = design["splits"]["test"], design["transfer_count"]
        if transfer is None or design["prompts_per_job"] is None:
            return {"all": None}
        total = span["stop"] - span["start"] + transfer
        return ranges("prompts", 0, total, design["prompts_per_job"])

    def judging_shards(self, model: str, ranking: str) -> list[str]:
        """The shards of a model's golden trial, in the order of their prompts."""
        return [
            self.run.judging_shard(model, ranking, tests) for tests in self.judging_ranges(model)
        ]

    @cached_property
    def all_judging_ranges(self) -> dict[str, range | None]:
        """Every range of test prompts that some shard is named after."""
        found: dict[str, range | None] = {}
        for model in self.seeds_of_models:
            found |= self.judging_ranges(model)
        return found

    def _first(self, model: str, places: range, count: int | None) -> bool:
        """Whether one of these ranking prompts, counted Set 1 first, is of the first of its set."""
        design = self.design(model)
        spans = [design["splits"][name] for name in ("set1", "set2")]
        first, second = (span["stop"] - span["start"] for span in spans)
        count = count or max(first, second)
        ends = (0, min(count, first)), (first, first + min(count, second))
        return any(places.start < stop and start < places.stop for start, stop in ends)

    @cached_property
    def surveyed_models(self) -> list[str]:
        """Models of which many seeds draw a few prompts."""
        return [m for m in self.seeds_of_models if self.design(m)["survey"]["prompts"]]

    def survey_ranges(self, model: str) -> dict[str, range]:
        """The seeds of each shard of a model's survey."""
        survey = self.design(model)["survey"]
        span = survey["seeds"]
        return ranges("seeds", span["start"], span["stop"], survey["seeds_per_job"])

    def survey_shards(self, model: str) -> list[str]:
        """The shards of a model's survey, in the order of their seeds."""
        return [self.run.survey_shard(model, seeds) for seeds in self.survey_ranges(model)]

    def library_ranges(self, model: str) -> dict[str, range]:
        """The seeds of each shard of what a model's pool draws besides; none without prompts."""
        library, span = self.good_seed["library"], self.design(model)["pool"]
        if not library["prompts"]:
            return {}
        return ranges("seeds", span["start"], span["stop"], library["seeds_per_job"])

    def library_images(self) -> list[str]:
        """The shards of all models' libraries."""
        return [
            self.run.images(self.run.library_shard(model, seeds))
            for model in self.seeds_of_models
            for seeds in self.library_ranges(model)
        ]

    @cached_property
    def diverse_aims(self) -> tuple[str, ...]:
        """In what diverse seeds should differ, as far as an evaluator can tell it."""
        return diversity_arms.aims_of(self.good_seed) if self.surveyed_models else ()

    def diverse_arms(self, model: str) -> tuple[str, ...]:
        """The arms of a model's trial of diverse seeds."""
        return diversity_arms.arms_of(self.config["models"][model])

    def diverse_counts(self, model: str) -> dict[str, int]:
        """How many prompts a model's trial of diverse seeds has, by aim."""
        trial = self.design(model)["diversity"]
        counts = {
            diversity_arms.STYLE: trial["prompts"],
            diversity_arms.COMPOSITION: trial["composition_prompts"] or trial["prompts"],
        }
        return {a: counts[a] if a in self.diverse_aims else 0 for a in diversity_arms.AIMS}

    def diverse_measured(self, aim: str, shard: str) -> str:
        """What an aim compares, of the images of a shard."""
        if aim == diversity_arms.STYLE:
            return self.run.features(self.good_seed["style"]["extractor"], shard)
        return self.run.composition(self.good_seed["composition"]["segmenter"], shard)

    @cached_property
    def styled_models(self) -> list[str]:
        """Models whose seeds are mapped by style."""
        return self.surveyed_models if self.good_seed["style"]["extractor"] else []

    @property
    def inpainting_model(self) -> str | None:
        """The model whose seeds fill masks; ``None`` where none is studied."""
        return self.good_seed["inpainting"]["model"] if self.seeds_of_models else None

    @cached_property
    def inpainting_ranges(self) -> dict[str, range]:
        """The seeds of each shard of filled pictures."""
        study = self.good_seed["inpainting"]
        if self.inpainting_model is None:
            return {}
        span = study["seeds"]
        return ranges("seeds", span["start"], span["stop"], study["seeds_per_job"])

    @property
    def text_reader(self) -> str | None:
        """The detector that reads text in filled pictures; ``None`` where there are none."""
        return self.good_seed["inpainting"]["reader"] if self.inpainting_model else None

    @property
    def measured_filler(self) -> str | None:
        """The inpainting model, if it is of the Storybook world, whose truth is known."""
        name = self.inpainting_model
        return name if name and self.config["models"][name]["world"] == STORYBOOK else None

    @cached_property
    def all_seed_ranges(self) -> dict[str, range]:
        """Every range of seeds that some shard is named after."""
        found: dict[str, range] = {}
        for model in self.seeds_of_models:
            found |= self.seed_ranges(model) | self.survey_ranges(model)
            found |= self.library_ranges(model)
        return found | self.inpainting_ranges

    @cached_property
    def all_prompt_ranges(self) -> dict[str, range]:
        """Every range of prompts that some shard is named after."""
        found: dict[str, range] = {}
        for model in self.seeds_of_models:
            found |= self.prompt_ranges(model)
        return found

    @cached_property
    def rankings(self) -> dict[str, Ranking]:
        """Every extractor with every scorer; one alone where the other is not there.

        Without reference pictures there is no Fréchet distance, so no extractor ranks.
        """
        extractors = self.good_seed["extractors"] if self.good_seed["reference"] else []
        found = [
            Ranking(e, s) for e in extractors or [None] for s in self.good_seed["scorers"] or [None]
        ]
        return {ranking.name: ranking for ranking in found if ranking.name}

    def ranked_how(self, model: str) -> dict:
        """A model's pool, what pictures are held against and what null models rest on."""
        pool, study = self.pool(model), self.good_seed
        return {
            "pool": [pool.start, pool.stop],
            "kernel_sample": study["kernel_sample"],
            "exchanged": dict(study["exchanged"]),
            "permutations": study["permutations"],
            "seed": study["statistics_seed"],
        }

    def measured_seeds(self, model: str, extractor: str | None) -> list[str]:
        """What features said of every range of a model's seeds; nothing without an extractor."""
        names = self.seed_ranges(model) if extractor else []
        return [self.run.pool(model, extractor, seeds) for seeds in names]

    @cached_property
    def memory(self) -> Memory:
        """What jobs hold, as far as the config tells."""
        return Memory(self.config)

    @property
    def named_models(self) -> list[str]:
        """Models whose seeds classifiers tell apart."""
        return self.seeds_of_models if self.good_seed["classifier"]["seeds"] else []

    def trainings(self, model: str) -> dict[str, list[dict]]:
        """Trainings of the classifiers of a model's seeds, by job."""
        settings = self.good_seed["classifier"]
        return trainings_of(settings, prompts_of(settings, self.design(model)))

    def classified_seeds(self, model: str) -> list[int]:
        """The first seeds of a model's pool, which its classifiers tell apart."""
        return list(self.pool(model)[: self.good_seed["classifier"]["seeds"]])

    def classified_images(self, model: str) -> list[str]:
        """The shards of a model's ranking images that hold these seeds."""
        wanted = set(self.classified_seeds(model))
        return [
            self.run.images(self.run.ranking_shard(model, name, part))
            for name, seeds in self.seed_ranges(model).items()
            if wanted & set(seeds)
            for part in self.prompt_ranges(model)
        ]

    def classifier_mb(self, model: str) -> int:
        """What a job needs that holds the pictures of these seeds, whole and varied."""
        settings = self.good_seed["classifier"]
        prompts = prompts_of(settings, self.design(model))
        pictures = len(self.classified_seeds(model)) * prompts * 3 * settings["input_size"] ** 2
        # More than are held are mapped; what varies them copies all.
        most = 3 * pictures if settings["controls"] else min(2 * pictures, 10 * 2**30)
        return max(4000, 3000 + most // 2**20)

    @property
    def first_extractor(self) -> str | None:
        """By whose features pictures are compared where one extractor must do."""
        return next(iter(self.good_seed["extractors"]), None)

    @property
    def first_scorer(self) -> str | None:
        """By whose scores agreement is measured where one scorer must do."""
        return next(iter(self.good_seed["scorers"]), None)

    @cached_property
    def guided_models(self) -> list[str]:
        """Models that Particle Guidance steers."""
        return guided_models(self.config)

    @property
    def swap_model(self) -> str | None:
        """The model of Figure 2; ``None`` where none has a step to swap after."""
        return self.good_seed["swap"]["model"] if self.seeds_of_models else None
