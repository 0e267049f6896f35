"""What a run consists of, derived once from its checked config: for rules, checks and pages.

Torch-free, since the workflow reads it at every parse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from seedbed import inputs
from seedbed.choices import STORYBOOK
from seedbed.evaluators import registry as kinds
from seedbed.models import registry as families
from seedbed.plan.good_seed import GoodSeedPart, Ranking
from seedbed.plan.jobs_cut import ranges
from seedbed.plan.left_out import left_out
from seedbed.plan.lottery_ticket import LotteryTicketPart
from seedbed.plan.needs import LLAVA_MB, SD_MB, needed_mb, weights_mb
from seedbed.run import Run

__all__ = ["Plan", "Ranking"]


@dataclass(frozen=True)
class Plan(GoodSeedPart, LotteryTicketPart):
    """Everything that a run makes.

    Attributes:
        config: complete and checked (``seedbed.config.complete``).
    """

    config: Mapping

    @cached_property
    def run(self) -> Run:
        """Where everything lies."""
        return Run(self.config["run"])

    def model(self, name: str) -> dict:
        """What decides a model's pictures: its config entry without what tables say of it."""
        about = ("paper", "note", "world", "ticket_layer", "sha256")
        return {k: v for k, v in self.config["models"][name].items() if k not in about}

    def memory_mb(self, name: str, *evaluators: tuple[str, str]) -> int:
        """What a job needs that draws with a model: libraries, weights while they load, a batch.

        Args:
            name: of the model.
            evaluators: role and name of each that looks at the pictures in the same job.
        """
        drawn = weights_mb(self.config["models"][name]["source"])
        return needed_mb(drawn + self._looking_mb(evaluators))

    def model_code(self, name: str) -> str:
        """The module of a model's family."""
        return families.module_of(self.config["models"][name]["family"])

    def evaluator(self, role: str, name: str) -> dict:
        """What decides an evaluator's numbers: its entry without what tables say of it."""
        entry = self.config[role][name]
        return {k: v for k, v in entry.items() if k not in ("paper", "metric")}

    def evaluator_mb(self, role: str, name: str) -> int:
        """What a job needs that looks at pictures with an evaluator."""
        return self.evaluators_mb((role, name))

    def evaluators_mb(self, *evaluators: tuple[str, str]) -> int:
        """What a job needs that looks at pictures with some evaluators, by role and name."""
        return needed_mb(self._looking_mb(evaluators))

    def _looking_mb(self, evaluators: Iterable[tuple[str, str]]) -> float:
        """What the weights of evaluators take on disk."""
        total = 0.0
        for role, name in evaluators:
            entry = self.config[role][name]
            absent = kinds.stated(role, entry["kind"]).get("WEIGHTS_MB", SD_MB)
            total += weights_mb(entry["source"], absent)
        return total

    def captioner_mb(self, name: str) -> int:
        """What a job needs that describes photos for a set of prompts."""
        return needed_mb(weights_mb(self.config["prompts"][name]["source"], LLAVA_MB))

    def evaluator_code(self, role: str, name: str) -> str:
        """The module of an evaluator's kind."""
        return kinds.module_of(role, self.config[role][name]["kind"])

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
        return [m for m in studied if self.config["models"][m]["world"] == STORYBOOK]

    @cached_property
    def left_out(self) -> list[str]:
        """One line for each part of the papers that this run cannot have, and why."""
        return left_out(self)
