"""Which files a run's data set consists of, and what each is made from. Torch-free.

A configuration of the data set is a model, a split a prompt set of the run (for fillings the set
of pictures with masks). A *piece* is one file of it: the rows of one image shard whose prompts are
of one set, so that every piece is made by a small job and may be read alone.

Left out are pictures whose noise no seed alone decides: layouts with tickets, swapped seeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.good_seed.diversity_arms import COMPOSITION, STYLE
from seedbed.render.explorer import explored

if TYPE_CHECKING:
    from seedbed.plan import Plan


@dataclass(frozen=True)
class Piece:
    """One file of the data set.

    Attributes:
        model: its configuration.
        prompt_set: as the run's config names it.
        study: what the pictures were drawn for: ``ranking``, ``survey``, ``judging``, …
        name: of the file, without suffix.
        images: the shard.
        prompts: the table of its prompts.
        parts: values of the prompts' ``split`` whose rows are taken; ``None`` for all.
        tables: numbers of its pictures, as in ``explorer.explored``.
    """

    model: str
    prompt_set: str
    study: str
    name: str
    images: str
    prompts: str
    parts: tuple[str, ...] | None
    tables: tuple[dict, ...]

    @property
    def split(self) -> str:
        """As ``datasets`` allows it: letters, digits and underscores."""
        return re.sub(r"\W", "_", self.prompt_set)

    @property
    def place(self) -> str:
        """Below the data set's folder, without suffix."""
        return f"{self.model}/{self.split}/{self.name}"

    @property
    def inputs(self) -> list[str]:
        """Every file that it is made from."""
        paths = [path for table in self.tables for path in table["paths"]]
        paths += [path for table in self.tables for path in table.get("looked_at", ())]
        return list(dict.fromkeys([self.images, self.prompts, *paths]))

    @property
    def columns(self) -> list[dict]:
        """The numbers of its pictures, as in ``explorer.explored``."""
        return [column for table in self.tables for column in table["columns"].values()]


def column_name(key: str) -> str:
    """A number's key as a column: ``preference:clip-b`` as ``preference_clip_b``."""
    return re.sub(r"\W", "_", key)


def pieces(plan: Plan) -> list[Piece]:
    """All pieces of a run, by model, study and shard."""
    found = [piece for model in plan.seeds_of_models for piece in _of_seeds(plan, model)]
    return found + list(_of_fillings(plan))


def _of_seeds(plan: Plan, model: str) -> Iterator[Piece]:
    study, run = plan.good_seed, plan.run
    if plan.rankings:
        ranking = tuple(explored.ranking_tables(plan, model))
        for shard in plan.ranking_shards(model):
            yield _piece(plan, model, study["prompts"], "ranking", shard, None, ranking)
    if model in plan.surveyed_models:
        prompt_set = plan.design(model)["survey"]["prompts"]
        for shard in plan.survey_shards(model):
            tables = [*_scores(plan, shard), *explored.look_tables(plan, [shard])]
            yield _piece(plan, model, prompt_set, "survey", shard, None, tables)
        sets = {STYLE: study["prompts"], COMPOSITION: prompt_set}
        for aim in plan.diverse_aims:
            for arm in plan.diverse_arms(model):
                shard = run.diversity_shard(model, aim, arm)
                tables = list(_scores(plan, shard))
                yield _piece(plan, model, sets[aim], "diversity", shard, (aim,), tables)
    for ranking in plan.rankings:
        for shard in plan.judging_shards(model, ranking):
            for part, prompt_set in (
                ("test", study["prompts"]),
                ("transfer", study["transfer_prompts"]),
            ):
                tables = list(_scores(plan, shard))
                yield _piece(plan, model, prompt_set, "judging", shard, (part,), tables)


def _of_fillings(plan: Plan) -> Iterator[Piece]:
    model = plan.inpainting_model
    if model is None:
        return
    pairs = plan.good_seed["inpainting"]["pairs"]
    for seeds in plan.inpainting_ranges:
        shard = plan.run.inpainting_shard(model, seeds)
        tables = list(explored.text_tables(plan, [shard]))
        yield _piece(plan, model, pairs, "inpainting", shard, None, tables)


def _scores(plan: Plan, shard: str) -> Iterator[dict]:
    return explored.scorer_tables(plan, [shard])


def _piece(plan: Plan, model: str, prompt_set: str, study: str, shard: str, parts, tables) -> Piece:
    name = "_".join([*shard.split("/")[1:], *(parts or ())])
    images, prompts = plan.run.images(shard), plan.run.split(model, study)
    return Piece(model, prompt_set, study, name, images, prompts, parts, tuple(tables))


def roles_of(found: Iterable[Piece], model: str) -> dict[str, str]:
    """The role of every number that any picture of a model has, by its column: all splits of a
    configuration have the same columns."""
    mine = [piece for piece in found if piece.model == model]
    return {column_name(c["key"]): c["role"] for piece in mine for c in piece.columns}


def labels(found: Iterable[Piece]) -> dict[str, str]:
    """What every number is, by its column."""
    return {column_name(c["key"]): c["label"] for piece in found for c in piece.columns}
