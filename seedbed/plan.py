"""What a run consists of, derived once from its checked config: for rules, checks and pages.

Torch-free, since the workflow reads it at every parse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import ceil, lcm
from pathlib import Path

from seedbed import inputs
from seedbed.evaluators import registry as evaluators
from seedbed.good_seed import diversity_arms
from seedbed.good_seed.classifier.groups import prompts_of, trainings_of
from seedbed.good_seed.design import design_of
from seedbed.good_seed.guided_models import guided_models, why_unguided
from seedbed.good_seed.memory import Memory
from seedbed.guidance import registry as controls_by_name
from seedbed.lottery_ticket.comparison.arms import Arm, Contrast, arms_of, contrasts_of, groups_of
from seedbed.lottery_ticket.comparison.methods import controls
from seedbed.models import registry as families
from seedbed.run import Run

SET_CONSTANTS = {"soft": {"neg_out": "neg_out"}, "boxdiff": {"batch": "gradient_batch"}}
"""Constants of controls that ``lottery_ticket`` sets by a key of its own: no study chooses them."""
READING_KEYS = ("score_mode", "fixed_positions", "article")


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


def ranges(name: str, start: int, stop: int, per_job: int) -> dict[str, range]:
    """Cut ``start`` to ``stop`` into what one job handles: ``seeds_0000-0063`` and so on."""
    found = {}
    for first in range(start, stop, per_job):
        end = min(first + per_job, stop)
        found[f"{name}_{first:04d}-{end - 1:04d}"] = range(first, end)
    return found


SUFFIXES = (".safetensors", ".bin", ".ckpt", ".pt", ".pth", ".traineddata")
SD_MB, LLAVA_MB = 4300.0, 13500.0
"""What Stable Diffusion 1.x in float32 and LLaVA-1.5-7B in float16 take on disk."""


def needed_mb(weights: float) -> int:
    """What a job takes that holds a model: libraries, weights while they load, a batch."""
    return max(4000, 3000 + round(2.5 * weights))


@cache
def weights_mb(source: str, absent: float = SD_MB) -> float:
    """What a model's weights take on disk, or as much as is said where they are not here yet."""
    path = Path(source)
    files = [path] if path.is_file() else path.rglob("*")
    sizes = [f.stat().st_size for f in files if f.suffix in SUFFIXES]
    return sum(sizes) / 2**20 if sizes else absent


@dataclass(frozen=True)
class Plan:
    """Everything that a run makes.

    Attributes:
        config: complete and checked (``seedbed.config.complete``).
    """

    config: Mapping

    @cached_property
    def run(self) -> Run:
        """Where everything lies."""
        return Run(self.config["run"])

    # Models and evaluators

    def model(self, name: str) -> dict:
        """What decides a model's pictures: its config entry without what tables say of it."""
        about = ("paper", "note", "world", "ticket_layer", "sha256")
        return {k: v for k, v in self.config["models"][name].items() if k not in about}

    def memory_mb(self, name: str) -> int:
        """What a job needs that draws with a model: libraries, weights while they load, a batch."""
        return needed_mb(weights_mb(self.config["models"][name]["source"]))

    def model_code(self, name: str) -> str:
        """The module of a model's family."""
        return families.module_of(self.config["models"][name]["family"])

    def evaluator(self, role: str, name: str) -> dict:
        """What decides an evaluator's numbers: its entry without what tables say of it."""
        entry = self.config[role][name]
        return {k: v for k, v in entry.items() if k not in ("paper", "metric")}

    def evaluator_mb(self, role: str, name: str) -> int:
        """What a job needs that looks at pictures with an evaluator."""
        entry = self.config[role][name]
        absent = evaluators.stated(role, entry["kind"]).get("WEIGHTS_MB", SD_MB)
        return needed_mb(weights_mb(entry["source"], absent))

    def captioner_mb(self, name: str) -> int:
        """What a job needs that describes photos for a set of prompts."""
        return needed_mb(weights_mb(self.config["prompts"][name]["source"], LLAVA_MB))

    def evaluator_code(self, role: str, name: str) -> str:
        """The module of an evaluator's kind."""
        return evaluators.module_of(role, self.config[role][name]["kind"])

    def input_code(self, section: str, name: str) -> str:
        """The module that makes a prompt set, a layout set or reference pictures."""
        return inputs.module_of(section, self.config[section][name]["kind"])

    @cached_property
    def downloads(self) -> dict[str, inputs.Outside]:
        """Every file that some entry of the config would have downloaded, by where it goes."""
        found = {}
        for section in inputs.MAKERS:
            for name, entry in self.config[section].items():
                for place, file in inputs.downloads(entry, self.config["downloads"]).items():
                    key = ".".join(filter(None, (section, name, file.key)))
                    found[place] = replace(file, key=key)
        return found

    def located(self, section: str, name: str) -> dict:
        """The entry of a set of inputs with every file from outside where the run has it."""
        entry = self.config[section][name]
        found = inputs.located(entry, self.config["downloads"], self.run.packed_photos(name))
        if entry["kind"] == "llava":
            found["parts"] = [self.run.captions(name, part) for part in self.photo_ranges(name)]
        return found

    def photo_ranges(self, name: str) -> dict[str, range]:
        """The photos of each job that describes some for a set of prompts."""
        entry = self.config["prompts"][name]
        return ranges("photos", 0, entry["count"] + entry["spare"], entry["captions_per_job"])

    @cached_property
    def all_photo_ranges(self) -> dict[str, range]:
        """Every range of photos that some file of captions is named after."""
        sets = self.config["prompts"]
        named = [self.photo_ranges(n) for n, entry in sets.items() if entry["kind"] == "llava"]
        return {part: span for each in named for part, span in each.items()}

    @cached_property
    def world_models(self) -> list[str]:
        """Studied models of the Storybook world, whose truth is known."""
        studied = dict.fromkeys([*self.seeds_of_models, *self.ticket_models])
        return [m for m in studied if self.config["models"][m]["world"] == "storybook"]

    # Good Seed

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
        return name if name and self.config["models"][name]["world"] == "storybook" else None

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

    # Lottery Ticket

    @property
    def lottery_ticket(self) -> Mapping:
        return self.config["lottery_ticket"]

    @property
    def ticket_models(self) -> list[str]:
        """Models whose tickets are studied."""
        return list(self.lottery_ticket["models"])

    @property
    def detectors(self) -> list[str]:
        """The first chooses constants; all of them measure."""
        return list(self.lottery_ticket["detectors"])

    @cached_property
    def told_backgrounds(self) -> list[str]:
        """Models whose backgrounds can be told by colour: those of the Storybook world."""
        return [model for model in self.ticket_models if model in self.world_models]

    @cached_property
    def noises(self) -> dict[str, range]:
        """The noises of each shard of the collection.

        Ranges begin at multiples of the shard's size, so that a larger count keeps the shards
        that are there and adds to them.
        """
        noises = self.lottery_ticket["noises"]
        start, count = noises["start"], noises["count"]
        return ranges("noises", start, start + count, noises["per_job"])

    @cached_property
    def all_noises(self) -> list[int]:
        return [seed for part in self.noises.values() for seed in part]

    def ticket_files(self, model: str, positions: Iterable[str]) -> list[str]:
        """The collection's files: the scores as they were read, equalised ones, or both."""
        shards = [self.run.tickets(model, f"{part}.safetensors") for part in self.noises]
        equalised = [self.run.tickets(model, "equalised.safetensors")]
        wanted = set(positions)
        read = shards if "as_read" in wanted else []
        return read + (equalised if "equalised" in wanted else [])

    @cached_property
    def layout_ranges(self) -> dict[str, range]:
        """The layouts of each shard of an arm.

        Ranges are cut where a batch ends, so that the cut changes no picture: the
        last bits of a picture depend on the batch that it is drawn in.
        """
        study = self.lottery_ticket
        batches = {self.config["models"][model]["batch"] for model in self.ticket_models}
        whole = lcm(*batches)
        entry = self.config["layouts"][study["layouts"]]
        per_job = whole * ceil(study["layouts_per_job"] / whole)
        return ranges("layouts", 0, entry["one"] + entry["two"], per_job)

    def layout_images(self, model: str, arm: str) -> list[str]:
        """The shards of an arm's pictures, in the order of the layouts."""
        run = self.run
        return [run.images(run.layout_shard(model, arm, part)) for part in self.layout_ranges]

    def constructions(self, model: str, arm: str) -> list[str]:
        """What was put into an arm's latents, in the order of the layouts."""
        return [self.run.construction(model, arm, part) for part in self.layout_ranges]

    @cached_property
    def arms(self) -> dict[str, Arm]:
        """Every arm of the layout comparison."""
        return arms_of(self.lottery_ticket)

    @cached_property
    def arm_groups(self) -> dict[str, list[Arm]]:
        """The arms that one process draws."""
        return groups_of(self.arms, self.lottery_ticket["arms_per_job"])

    @cached_property
    def arm_contrasts(self) -> list[Contrast]:
        """Arms that are tested against each other, by table."""
        return contrasts_of(self.lottery_ticket)

    @cached_property
    def controls(self) -> dict[str, tuple[str, ...]]:
        """The controls that the selected methods use, and the constants each leaves open."""
        return controls(self.lottery_ticket["methods"])

    def constants_of(self, control: str | None) -> dict:
        """Constants of a control that are set in the config and not chosen among."""
        named = SET_CONSTANTS.get(control, {})
        return {constant: self.lottery_ticket[key] for constant, key in named.items()}

    def control_code(self, control: str | None) -> list[str]:
        """The module of a control."""
        return [controls_by_name.module_of(control)] if control else []

    def reading(self, model: str) -> dict:
        """How tickets are read off a model."""
        found = {k: self.lottery_ticket[k] for k in READING_KEYS}
        return found | {"layer": self.config["models"][model]["ticket_layer"]}

    # What does not apply

    @cached_property
    def left_out(self) -> list[str]:
        """One line for each part of the papers that this run cannot have, and why."""
        lines = []
        study = self.good_seed
        if self.seeds_of_models:
            if not study["reference"]:
                lines.append("Fréchet distance: good_seed.reference names no real pictures")
            if not study["extractors"]:
                lines.append("Fréchet distance: good_seed.extractors is empty")
            if not study["scorers"]:
                lines.append("preference: good_seed.scorers is empty")
            if not self.rankings:
                lines.append("golden seeds, Table 1, Figures 5 to 7: no score ranks seeds")
            lines += [
                f"style, habits, composition, diverse seeds: good_seed.survey of {model} names no "
                "prompts"
                for model in self.seeds_of_models
                if model not in self.surveyed_models
            ]
            if self.good_seed["style"]["extractor"] is None:
                lines.append("style, Figure 8: good_seed.style.extractor is null")
            if self.good_seed["composition"]["segmenter"] is None:
                lines.append(
                    "place, size and depth of objects, Figure 10: good_seed.composition.segmenter "
                    "is null"
                )
            if not self.diverse_aims:
                lines.append("diverse seeds, Table 2, Figure 11: neither style nor composition")
            if self.good_seed["habits"]["detector"] is None:
                lines.append("lettering of seeds: good_seed.habits.detector is null")
            if self.inpainting_model is None:
                lines.append("inserted text, Figure 12: good_seed.inpainting names no model")
            elif self.text_reader is None:
                lines.append("inserted text, Figure 12: good_seed.inpainting names no reader")
            lines += [f"Particle Guidance: {why}" for why in why_unguided(self.config)]
            if not self.named_models:
                lines.append("seed classifier, Figure 4: good_seed.classifier.seeds is 0")
            if self.swap_model is None:
                lines.append("Figure 2: no studied model has a step to swap the seed after")
        else:
            lines.append("Good Seed: good_seed.models is empty")
        if not self.ticket_models:
            lines.append("Lottery Ticket: lottery_ticket.models is empty")
        elif not self.detectors:
            lines.append(
                "IoU, R_suc, Tables 1 and 2, Figure 8, layers: lottery_ticket.detectors is empty"
            )
        lines += [
            f"Figure 6's share of the right background: {model} is not marked world: storybook, "
            "whose settings have known colours"
            for model in self.ticket_models
            if model not in self.told_backgrounds
        ]
        if not self.world_models:
            lines.append("quality against the truth: no studied model has world: storybook")
        return [f"not in this run: {line}" for line in lines]
