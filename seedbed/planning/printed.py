"""The plan of a run in words and columns, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seedbed.plan import Plan
from seedbed.planning import seed_power as power
from seedbed.planning.budget import proposed
from seedbed.planning.shrinking import difference
from seedbed.planning.stages import Stage, stages
from seedbed.planning.throughput import Machine

GIGABYTE = 1e9
OVERLAY = "# all that changes: save it as small.yaml and name it last, --configfile … small.yaml"
"""Above the proposed counts, which are the rest of the page."""
COLUMNS = ("stage", "jobs", "images", "PFLOP", "GPU-h", "pictures GB", "other GB")


@dataclass(frozen=True)
class Asked:
    """What the plan is asked for (``plan_…`` in the config).

    Attributes:
        machine: that computes.
        rate: price of a GPU-hour; ``None`` for none.
        budget: GPU-hours that counts are proposed for; ``None`` for none.
        results: folder of a finished run, for its variances; ``None`` for Storybook's.
        effect: of two seeds, in standard deviations between seeds.
        power: with which an effect is to be seen.
    """

    machine: Machine
    rate: float | None
    budget: float | None
    results: str | None
    effect: float
    power: float

    @classmethod
    def of(cls, keys: Mapping) -> Asked:
        """From the config's keys."""
        machine = Machine(keys["plan_gpu"], keys["plan_share"])
        rest = (keys[f"plan_{name}"] for name in ("rate", "budget", "results", "effect", "power"))
        return cls(machine, *rest)


def page(config: Mapping, asked: Asked) -> str:
    """The whole page.

    Args:
        config: complete.
        asked: what is asked for.

    Raises:
        ValueError: ``asked.results`` holds no evidence of seeds.
    """
    plan = Plan(config)
    lines = [f"plan of {config['run']}", "", *_table(stages(plan), asked)]
    for model in plan.seeds_of_models if plan.rankings else []:
        lines += ["", *_power(plan, model, asked)]
    if asked.budget is not None:
        lines += ["", *_budget(config, plan, asked)]
    return "\n".join(lines) + "\n"


def _table(found: Sequence[Stage], asked: Asked) -> Iterator[str]:
    rows = [COLUMNS, *(_row(stage, asked.machine) for stage in found)]
    total = Stage(
        "all",
        sum(s.jobs for s in found),
        sum(s.images for s in found),
        sum(s.tflop for s in found),
        picture_bytes=sum(s.picture_bytes for s in found),
        other_bytes=sum(s.other_bytes for s in found),
    )
    hours = sum(stage.hours(asked.machine) for stage in found)
    rows.append((*_row(total, asked.machine)[:4], f"{hours:,.1f}", *_row(total, asked.machine)[5:]))
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    for row in rows:
        first, *rest = (
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([first, *rest])
    yield ""
    yield f"throughput: {asked.machine.told}"
    if any(stage.core_hours for stage in found):
        yield "Storybook models: hours of two idle processor cores, measured, in the same column"
    seeds = sum(
        s.images for s in found if s.name.split(": ")[-1] in ("ranking", "library", "survey")
    )
    yield f"pictures that every seed draws: {seeds:,}"
    kept = total.picture_bytes / GIGABYTE, total.other_bytes / GIGABYTE
    yield (
        f"storage: {sum(kept):,.0f} GB with pictures, {kept[1]:,.0f} GB without "
        "(keep_images: false removes those of seeds once they are measured)"
    )
    if asked.rate is None:
        yield "price: give one GPU-hour's, --config plan_rate=2.5"
    else:
        yield f"price: {hours * asked.rate:,.0f} at {asked.rate:g} a GPU-hour"


def _row(stage: Stage, machine: Machine) -> tuple[str, ...]:
    return (
        stage.name,
        f"{stage.jobs:,}",
        f"{stage.images:,}" if stage.images else "–",
        f"{stage.tflop / 1000:,.1f}" if stage.tflop else "–",
        f"{stage.hours(machine):,.1f}",
        f"{stage.picture_bytes / GIGABYTE:,.1f}",
        f"{stage.other_bytes / GIGABYTE:,.1f}",
    )


def _power(plan: Plan, model: str, asked: Asked) -> Iterator[str]:
    ratios = power.ratios(asked.results, plan.config["models"][model]["steps"])
    seeds, span = len(plan.pool(model)), plan.design(model)["splits"]["set1"]
    prompts = span["stop"] - span["start"]
    yield f"{model}: {seeds:,} seeds × {prompts:,} prompts a set; variances of {ratios.source}"
    for score, ratio in ratios.by_score.items():
        name = power.NAMES[score]
        if ratio <= 0:
            yield f"  {name}: no variance between seeds was found there"
            continue
        found = power.power_of_test(seeds, prompts, ratio)
        tell = power.prompts_to_tell(seeds, ratio, asked.power)
        pair = power.prompts_for_two(asked.effect, ratio, asked.power)
        yield (
            f"  {name}: power {found:.2f} to see that seeds differ; {asked.power:.0%} takes "
            f"{tell or 'more than a million'} prompts; two seeds {asked.effect:g} sd apart take "
            f"{pair:,}; a reliable ranking (.8) takes {power.prompts_to_rank(ratio):,}"
        )


def _ratio(plan: Plan, model: str, asked: Asked) -> float:
    """The least of the scores that show seeds: what sees it sees the others."""
    found = power.ratios(asked.results, plan.config["models"][model]["steps"]).by_score
    return min((ratio for ratio in found.values() if ratio > 0), default=1e-3)


def _budget(config: Mapping, plan: Plan, asked: Asked) -> Iterator[str]:
    ratio_of = {model: _ratio(plan, model, asked) for model in plan.seeds_of_models}
    edited, chosen, hours = proposed(config, asked.budget, asked.machine, ratio_of)
    yield f"proposed for {asked.budget:g} hours: {hours:,.1f}"
    if hours > asked.budget * 1.05:
        yield "  the smallest counts that make sense take more: leave out models or methods"
    for each in chosen:
        counts = f"{each.seeds} seeds × {each.prompts} prompts a set"
        yield f"  {each.model}: {counts} (power {each.power:.2f})"
    changed = difference(config, edited)
    if not changed:
        yield "  the config fits as it is"
        return
    yield from ("", OVERLAY, _yaml(changed))


def _yaml(table: Mapping) -> str:
    """Tables of values alone on a line each, in the order of the config."""
    import yaml

    text = yaml.safe_dump(
        table, sort_keys=False, default_flow_style=None, allow_unicode=True, width=96
    )
    return text.rstrip()
