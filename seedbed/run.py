"""Where everything of a run lies: each path once, for rules, checks, summaries and pages.

Paths are strings below ``results/{run}``, and any part may be a Snakemake wildcard in braces:
``run.shard("{model}", "ranking/{seeds}")``. What depends on a model, an extractor, a scorer or a
detector lies below its name, so that several stand side by side in one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = "results"
BASE = Path(__file__).resolve().parents[1]
"""The workflow's own folder."""
TABLE_FORMS = ("csv", "md", "tex")
FIGURE_FORMS = ("png", "pdf")


def shipped(path: str) -> str:
    """Where a file of the workflow lies, seen from where the run goes on.

    Args:
        path: below the workflow's folder.

    Returns:
        The path itself where that is the working folder, so that results know no folder of one
        machine; an absolute path where another workflow has taken this one in.
    """
    return path if Path.cwd().resolve() == BASE else str(BASE / path)


@dataclass(frozen=True)
class Run:
    """The paths of one run.

    Attributes:
        name: of the run, as in its config.
    """

    name: str

    @property
    def folder(self) -> str:
        """The run's folder."""
        return f"{ROOT}/{self.name}"

    def path(self, *parts: str) -> str:
        """Anything below the run's folder."""
        return "/".join((self.folder, *parts))

    # What a job leaves beside its outputs

    def log(self, job: str) -> str:
        return self.path("logs", f"{job}.log")

    def benchmark(self, job: str) -> str:
        return self.path("benchmarks", f"{job}.tsv")

    def made_by(self, job: str) -> str:
        """The record of what made the outputs of a job: code, weights, lock, version, device."""
        return self.path("made_by", f"{job}.json")

    def seal(self, file: str) -> str:
        """The digest of a file of this run, as its job wrote it (``seedbed.seals``)."""
        return self.path("made_by", "seals", f"{file}.sha256")

    # What is asked for

    def prompts(self, prompt_set: str) -> str:
        return self.path("prompts", f"{prompt_set}.parquet")

    def split(self, model: str, part: str) -> str:
        """A model's prompts that rank seeds (Set 1, Set 2), judge golden ones, or survey many:
        ``ranking``, ``judging``, ``survey``."""
        return self.path("prompts", "good_seed", model, f"{part}.parquet")

    def states(self, model: str, part: str) -> str:
        """What a model makes of the prompts of a part, before it draws anything."""
        return self.path("states", model, f"{part}.safetensors")

    def layouts(self, layout_set: str) -> str:
        return self.path("layouts", f"{layout_set}.parquet")

    def pairs(self, pair_set: str) -> str:
        """Pictures of which a mask hides one object."""
        return self.path("pairs", f"{pair_set}.parquet")

    def packed_photos(self, pair_set: str) -> str:
        """Photos that were downloaded one by one."""
        return self.path("pairs", f"{pair_set}.photos.zip")

    def captions(self, prompt_set: str, photos: str) -> str:
        """Captions of a range of photos, of which prompts are made."""
        return self.path("prompts", "captions", prompt_set, f"{photos}.parquet")

    # Pictures and what evaluators make of them; a shard is known by its place below images/

    def images(self, shard: str) -> str:
        return self.path("images", f"{shard}.parquet")

    def reference(self, name: str) -> str:
        """The shard of a set of real pictures."""
        return f"reference/{name}"

    def features(self, extractor: str, shard: str) -> str:
        return self.path("features", extractor, f"{shard}.safetensors")

    def scores(self, scorer: str, shard: str) -> str:
        return self.path("scores", scorer, f"{shard}.parquet")

    def detections(self, detector: str, shard: str) -> str:
        return self.path("detections", detector, f"{shard}.parquet")

    def looked_at(self, detector: str, shard: str) -> str:
        """The images that a detector saw, those without a box among them."""
        return self.path("detections", detector, f"{shard}.images.parquet")

    # Good Seed

    def ranking_shard(self, model: str, seeds: str, prompts: str) -> str:
        """Every seed of a range with every prompt of a range of the ranking prompts."""
        return f"{model}/ranking/{seeds}_{prompts}"

    def survey_shard(self, model: str, seeds: str) -> str:
        """Every seed of a range with every prompt of the survey."""
        return f"{model}/survey/{seeds}"

    def library_shard(self, model: str, seeds: str) -> str:
        """Every seed of a range with every prompt that no other part draws."""
        return f"{model}/library/{seeds}"

    def inpainting_shard(self, model: str, seeds: str) -> str:
        """Every seed of a range with every picture to fill, in every mode."""
        return f"{model}/inpainting/{seeds}"

    def text_shares(self, reader: str, shard: str) -> str:
        """How much of what was filled in is text, picture by picture."""
        return self.path("text", reader, f"{shard}.parquet")

    def text_of_seeds(self, model: str, reader: str, name: str) -> str:
        """What text a model's seeds fill in: a table and what it decides."""
        return self.path("seeds", model, "text", reader, name)

    def attributes(self, shard: str) -> str:
        """What the pixels of each image alone tell: brightness, tint, habits."""
        return self.path("attributes", f"{shard}.parquet")

    def style(self, model: str, name: str) -> str:
        """Maps of a model's seeds by the style of their pictures."""
        return self.path("style", model, name)

    def habits(self, model: str, name: str) -> str:
        """Habits that a model's seeds trigger."""
        return self.path("habits", model, name)

    def composition(self, segmenter: str, shard: str) -> str:
        """Where, how large and how near the object of each image is."""
        return self.path("composition", segmenter, f"{shard}.parquet")

    def classifier(self, model: str, name: str) -> str:
        """What classifiers of a model's seeds learned, named and were shown to look at."""
        return self.path("classifier", model, name)

    def judging_shard(self, model: str, ranking: str, tests: str) -> str:
        """A range of the test prompts with the arms that a ranking gives."""
        return f"{model}/judging/{ranking}/{tests}"

    def judging_pairs(self, model: str, ranking: str) -> str:
        """Which arm drew which seed for which prompt."""
        return self.path("images", model, "judging", f"{ranking}.pairs.parquet")

    def seeds(self, model: str, ranking: str, name: str) -> str:
        """Numbers of seeds under a ranking: by an extractor, a scorer or both (joined by +)."""
        return self.path("seeds", model, ranking, name)

    def pool(self, model: str, extractor: str, name: str) -> str:
        """What features say of all ranking images together, and of each seed among them."""
        return self.path("pool", extractor, model, f"{name}.safetensors")

    def seed_gaps(self, model: str, extractor: str) -> str:
        """Gaps between best and worst seed by distance, beside exchanged labels."""
        return self.path("pool", extractor, model, "gaps.json")

    def seed_study(self, model: str, name: str) -> str:
        """Numbers of a model's seeds that no ranking has a part in."""
        return self.path("seeds", model, name)

    def diversity_shard(self, model: str, aim: str, arm: str) -> str:
        """Groups of images of one prompt: random, diverse or guided, by what should differ."""
        return f"{model}/diversity/{aim}/{arm}"

    def diversity_groups(self, model: str, aim: str, arm: str) -> str:
        """Which seeds make up each group of an arm."""
        return self.path("images", model, "diversity", aim, f"{arm}.groups.parquet")

    # Lottery Ticket

    def tickets(self, model: str, name: str) -> str:
        return self.path("tickets", model, name)

    def layout_shard(self, model: str, arm: str, part: str) -> str:
        """A range of the layouts with one arm."""
        return f"{model}/layouts/{arm}/{part}"

    def construction(self, model: str, arm: str, part: str) -> str:
        """What was put into an arm's latents."""
        return self.path("images", model, "layouts", arm, f"{part}.construction.parquet")

    def tuning(self, model: str, name: str) -> str:
        return self.path("tuning", model, name)

    def layout_scores(self, detector: str, model: str, name: str) -> str:
        return self.path("scores", "layouts", detector, model, f"{name}.parquet")

    # What people read and use

    def card(self, model: str, name: str) -> str:
        """A file of a model's seed card."""
        return self.path("cards", model, name)

    @property
    def explorer(self) -> str:
        """The page on which seeds are browsed."""
        return self.path("explorer.html")

    def dataset(self, name: str) -> str:
        """A file of the data set that ``datasets`` loads."""
        return self.path("dataset", name)

    def table(self, place: str) -> list[str]:
        """A final table as CSV, Markdown and LaTeX."""
        return [self.path(f"{place}.{form}") for form in TABLE_FORMS]

    def figure(self, place: str) -> list[str]:
        """A final figure as PNG and PDF."""
        return [self.path(f"{place}.{form}") for form in FIGURE_FORMS]
