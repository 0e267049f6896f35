"""What a run consists of for Lottery Ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from math import ceil, lcm

from seedbed.guidance import registry as controls_by_name
from seedbed.lottery_ticket.comparison.arms import Arm, Contrast, arms_of, contrasts_of, groups_of
from seedbed.lottery_ticket.comparison.methods import controls
from seedbed.plan.jobs_cut import ranges
from seedbed.run import Run

SET_CONSTANTS = {"soft": {"neg_out": "neg_out"}, "boxdiff": {"batch": "gradient_batch"}}
"""Constants of controls that ``lottery_ticket`` sets by a key of its own: no study chooses them."""
READING_KEYS = ("score_mode", "fixed_positions", "article")


class LotteryTicketPart:
    """Of ``Plan``, what Lottery Ticket is about: noises, layouts, arms."""

    config: Mapping
    run: Run
    world_models: list[str]

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
