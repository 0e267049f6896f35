"""How large a run is, from its config alone: jobs, and the memory of those that hold much.

Nothing is listed here: a pool of a thousand million seeds is refused as fast as one of eight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import lcm

from seedbed.good_seed.design import design_of
from seedbed.good_seed.memory import MB, Memory
from seedbed.lottery_ticket.comparison.arms import arms_of, groups_of

GIGABYTE = 10**9
JOINED = 2
"""Copies of an array while it is joined from its shards."""
LAYOUT_BYTES = 2000
"""Of one layout of two rows, likewise."""
CATEGORIES = {"coco": 80}
"""Of a kind of layouts; ``OTHER_CATEGORIES`` of any other."""
OTHER_CATEGORIES = 16
CELLS = 256
"""Blocks of a noise: 16 × 16, as the paper's layer of SD 1.x has them; the widest in use."""
SIDE = 512
"""Pixels of a picture where the model's own is not in the config."""
PER_RANKING = 7
"""Jobs of one model and ranking, beside those of its shards: scores, golden seeds, arms, their
measures, the judgement, the cross-fitted one."""


PER_SURVEY = 5
"""Jobs of one shard of a survey: pictures, style, attributes, detections, composition."""
PER_FILLING = 2
"""Jobs of one shard of filled pictures: pictures, the text in them."""


@dataclass(frozen=True)
class Demand:
    """What one part of a run asks for.

    Attributes:
        key: of the config, that makes it large.
        what: in words.
        amount: jobs, or bytes.
        remedy: what else to lower.
    """

    key: str
    what: str
    amount: int
    remedy: str


def faults(config: Mapping) -> list[str]:
    """One line if the run plans too many jobs, and one for each that would hold too much."""
    limits, found = config["limits"], []
    parts = list(_jobs(config))
    total = sum(part.amount for part in parts)
    if total > limits["jobs"]:
        largest = max(parts, key=lambda part: part.amount)
        found.append(
            f"{largest.key}: this run would plan {total:,} jobs or more, {largest.amount:,} of "
            f"them {largest.what}, and limits.jobs allows {limits['jobs']:,}; {largest.remedy}, or "
            "raise limits.jobs"
        )
    most = limits["memory_gb"] * GIGABYTE
    found += [
        f"{part.key}: {part.what} would take {part.amount / GIGABYTE:,.1f} GB of memory in one "
        f"job, and limits.memory_gb allows {limits['memory_gb']:g}; {part.remedy}, or raise "
        "limits.memory_gb"
        for part in _memory(config)
        if part.amount > most
    ]
    return found


def _shards(count: int, per_job: int) -> int:
    return -(-count // per_job)


def _length(span: Mapping) -> int:
    return span["stop"] - span["start"]


def _ranking_shards(design: Mapping) -> int:
    sets = sum(_length(design["splits"][name]) for name in ("set1", "set2"))
    prompts = _shards(sets, design["prompts_per_job"] or sets)
    return prompts * _shards(_length(design["pool"]), design["seeds_per_job"])


def _scored_shards(design: Mapping) -> int:
    """Those that hold a prompt which scorers see, Set 1 first (``plan.ranking_shards``)."""
    first, second = (_length(design["splits"][name]) for name in ("set1", "set2"))
    size = design["prompts_per_job"] or first + second
    spans = (0, min(design["scored"], first)), (first, first + min(design["scored"], second))
    (a, b), (c, d) = ((start // size, (stop - 1) // size) for start, stop in spans)
    prompts = b - a + 1 + d - max(c, b + 1) + 1
    return prompts * _shards(_length(design["pool"]), design["seeds_per_job"])


def _designs(study: Mapping) -> Iterator[tuple[str, dict]]:
    """Where the pool of each studied model stands, and its design."""
    for model in study["models"]:
        own = "pool" in study["designs"].get(model, {})
        yield f"good_seed.designs.{model}" if own else "good_seed", design_of(study, model)


def _rankings(study: Mapping) -> tuple[list[str], list[str], int]:
    """Extractors and scorers that rank, and how many pairs they make (``plan.rankings``)."""
    extractors = study["extractors"] if study["reference"] else []
    pairs = max(len(extractors), 1) * max(len(study["scorers"]), 1)
    return extractors, study["scorers"], pairs if extractors or study["scorers"] else 0


def _jobs(config: Mapping) -> Iterator[Demand]:
    study, lottery = config["good_seed"], config["lottery_ticket"]
    extractors, scorers, rankings = _rankings(study)
    models = len(study["models"])
    for where, design in _designs(study):
        if rankings:
            shards = _ranking_shards(design)
            scored = shards if design["scored"] is None else _scored_shards(design)
            yield Demand(
                f"{where}.seeds_per_job",
                f"for {shards:,} shards of {where}.pool",
                shards * (1 + len(extractors)) + scored * len(scorers),
                f"raise it, shrink {where}.pool",
            )
        if study["library"]["prompts"]:
            per_job = study["library"]["seeds_per_job"]
            yield Demand(
                "good_seed.library.seeds_per_job",
                "for shards of the library",
                _shards(_length(design["pool"]), per_job),
                "raise it, or empty good_seed.library.prompts",
            )
        survey = design["survey"]
        if survey["prompts"]:
            shards = _shards(_length(survey["seeds"]), survey["seeds_per_job"])
            yield Demand(
                f"{where}.survey.seeds_per_job",
                f"for {shards:,} shards of {where}.survey",
                shards * PER_SURVEY,
                f"raise it, shrink {where}.survey.seeds",
            )
    filling = study["inpainting"]
    if models and filling["model"] is not None:
        shards = _shards(_length(filling["seeds"]), filling["seeds_per_job"])
        yield Demand(
            "good_seed.inpainting.seeds_per_job",
            f"for {shards:,} shards of good_seed.inpainting.seeds",
            shards * PER_FILLING,
            "raise it, shrink good_seed.inpainting.seeds",
        )
    yield Demand(
        "good_seed.models",
        "for rankings and figures",
        models * (3 + rankings * PER_RANKING),
        "study fewer models, extractors or scorers",
    )
    noises = lottery["noises"]
    yield Demand(
        "lottery_ticket.noises.per_job",
        "for shards of tickets",
        len(lottery["models"]) * _shards(noises["count"], noises["per_job"]),
        "raise it, lower lottery_ticket.noises.count",
    )
    if lottery["models"]:
        shards = _layout_shards(config)
        groups = groups_of(arms_of(lottery), lottery["arms_per_job"])
        yield Demand(
            "lottery_ticket.layouts_per_job",
            f"for {shards:,} shards of layouts.{lottery['layouts']}",
            len(lottery["models"]) * shards * (len(groups) + len(lottery["detectors"])),
            f"raise it, shrink layouts.{lottery['layouts']}",
        )
    yield Demand(
        "lottery_ticket.models",
        "for layouts and their measures",
        len(lottery["models"]) * (6 + 5 * len(lottery["detectors"])),
        "study fewer models or detectors",
    )


def _layout_shards(config: Mapping) -> int:
    """Ranges of the layouts, which end where a batch does (``plan.layout_ranges``)."""
    lottery = config["lottery_ticket"]
    whole = lcm(*{config["models"][model]["batch"] for model in lottery["models"]})
    entry = config["layouts"][lottery["layouts"]]
    per_job = whole * _shards(lottery["layouts_per_job"], whole)
    return _shards(entry["one"] + entry["two"], per_job)


def _memory(config: Mapping) -> Iterator[Demand]:
    if config["good_seed"]["models"]:
        yield from _ranking_memory(config)
        yield from _style_memory(config)
    if config["lottery_ticket"]["models"]:
        yield from _lottery_memory(config)


def _ranking_memory(config: Mapping) -> Iterator[Demand]:
    study, memory = config["good_seed"], Memory(config)
    extractors, scorers, _ = _rankings(study)
    for (where, design), model in zip(_designs(study), study["models"], strict=True):
        seeds = _length(design["pool"])
        prompts = sum(_length(design["splits"][name]) for name in ("set1", "set2"))
        pictures = f"of {seeds:,} seeds with {prompts:,} prompts"
        for name in extractors:
            for key, what, amount, remedy in (
                (f"{where}.splits", f"features of a seed by {name}", memory.seed, "shrink them"),
                (
                    f"{where}.pool",
                    f"features {pictures} by {name}, exchanged between seeds,",
                    memory.exchange,
                    "set good_seed.exchanged",
                ),
                (f"{where}.splits", f"arms cross-fitted by {name}", memory.crossfit, "shrink them"),
            ):
                yield Demand(key, what, amount(model, name) * MB, remedy)
        if extractors or scorers:
            amount = memory.pictures(model) * MB
            remedy = f"shrink it or {where}.splits"
            yield Demand(f"{where}.pool", f"scores {pictures}", amount, remedy)


def _style_memory(config: Mapping) -> Iterator[Demand]:
    study, memory = config["good_seed"], Memory(config)
    name = study["style"]["extractor"]
    for model in study["models"] if name else []:
        if design_of(study, model)["survey"]["prompts"]:
            own = "survey" in study["designs"].get(model, {})
            where = f"good_seed.designs.{model}.survey" if own else "good_seed.survey"
            for key, what, amount in (
                (f"{where}.seeds", "Gram features of a prompt", memory.style),
                (f"{where}.seeds_per_job", "Gram features of a shard", memory.gram),
            ):
                yield Demand(key, f"{what} by {name}", amount(model) * MB, "shrink it")


def _lottery_memory(config: Mapping) -> Iterator[Demand]:
    lottery = config["lottery_ticket"]
    name = lottery["layouts"]
    entry = config["layouts"][name]
    layouts = entry["one"] + entry["two"]
    categories = min(
        CATEGORIES.get(entry["kind"], OTHER_CATEGORIES), entry["one"] + 2 * entry["two"]
    )
    pairs = categories * (categories - 1) // 2
    count = lottery["noises"]["count"]
    yield Demand(
        "lottery_ticket.noises.count",
        f"tickets of {count:,} noises for {pairs:,} pairs of categories",
        count * pairs * 2 * CELLS * 4 * JOINED,
        "lower it, or set lottery_ticket.pairs to occurring",
    )
    sides = [config["models"][model]["resolution"] or SIDE for model in lottery["models"]]
    yield Demand(
        f"layouts.{name}.one and .two",
        f"pictures of {layouts:,} layouts",
        layouts * (max(sides) ** 2 * 3 + LAYOUT_BYTES),
        "lower them",
    )
