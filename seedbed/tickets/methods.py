"""The compared methods: how each starts and steers the drawing of captioned layouts.

Lottery Ticket, 4.3 and Table 1: random noise (SD), Paint, Soft, Swap, construction from
tickets (SemI) and its combinations; BoxDiff is a later baseline. A method is an initial
latent and, for some, a control of the denoising. All methods draw a layout from the same
base noise, so that they can be compared layout by layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from seedbed import noise
from seedbed.attention.boxdiff import BoxDiff
from seedbed.attention.capture import Capture, of_words
from seedbed.attention.control import Control
from seedbed.attention.guidance import Guidance, Guided
from seedbed.attention.paint import Paint
from seedbed.attention.soft import Soft
from seedbed.attention.tokens import phrase_positions
from seedbed.layouts.regions import disjoint, region_masks
from seedbed.models.sd import Condition, LatentModel
from seedbed.sampling.denoise import Sampler
from seedbed.tickets.collection import Collection
from seedbed.tickets.construct import construct
from seedbed.tickets.select import Rule, preset, winners
from seedbed.tickets.swap import swap

BOXES = ["x0", "y0", "x1", "y1"]


@dataclass(frozen=True)
class Method:
    """What distinguishes a method from drawing random noise.

    Attributes:
        tickets: start from constructed noise.
        swap: move blocks within the noise, random or constructed, before denoising.
        control: ``"paint"``, ``"soft"``, ``"boxdiff"`` or ``None``.
    """

    tickets: bool = False
    swap: bool = False
    control: str | None = None


METHODS: dict[str, Method] = {
    "sd": Method(),
    "paint": Method(control="paint"),
    "soft": Method(control="soft"),
    "swap": Method(swap=True),
    "boxdiff": Method(control="boxdiff"),
    "soft_swap": Method(swap=True, control="soft"),
    "semi": Method(tickets=True),
    "semi_soft": Method(tickets=True, control="soft"),
    "semi_swap": Method(tickets=True, swap=True),
    "semi_soft_swap": Method(tickets=True, swap=True, control="soft"),
}


def make_rule(entry: Mapping, categories: list[str]) -> Rule:
    """The selection rule of a config entry for the categories of one prompt.

    Args:
        entry: ``preset``, and thresholds ``t_obj``, ``t_bg`` that override it or are ``None``.
        categories: of the prompt.
    """
    rule = preset(entry["preset"], categories)
    given = {k: entry[k] for k in ("t_obj", "t_bg") if entry[k] is not None}
    return Rule(**{**vars(rule), **given})


POSITIONS = ("as_read", "equalised")
"""What a score owes to the place of its block: kept, or taken out (``Collection.equalised``)."""


def reading(collection: Collection, entry: Mapping) -> Collection:
    """The collection with its scores as a rule's entry wants them read: ``positions``.

    Raises:
        ValueError: the reading is unknown.
    """
    if entry["positions"] not in POSITIONS:
        raise ValueError(
            f"positions {entry['positions']!r} are unknown: use one of {', '.join(POSITIONS)}"
        )
    return collection.equalised if entry["positions"] == "equalised" else collection


def masks_of(boxes: np.ndarray, grid: int) -> np.ndarray:
    """Disjoint regions of one layout's boxes: (n, grid, grid) bool."""
    return disjoint(region_masks(np.asarray(boxes, dtype=np.float64), grid))


def guidance_of(tokenizer, layouts: pd.DataFrame) -> Guidance:
    """Where the caption of each layout names its objects, and their boxes."""
    return [
        [
            Guided(
                phrase_positions(tokenizer, row.caption, row.mention, row.start),
                (row.x0, row.y0, row.x1, row.y1),
            )
            for row in rows.itertuples()
        ]
        for _, rows in layouts.groupby("layout_id", sort=False)
    ]


def own_maps(
    model: LatentModel,
    sampler: Sampler,
    latents: torch.Tensor,
    condition: Condition,
    guidance: Guidance,
    layer: str,
    batch: int = 32,
) -> list[np.ndarray]:
    """First-step maps of each layout's objects in its own noise and caption: (objects, cells)."""
    found = []
    for start in range(0, len(latents), batch):
        stop = min(start + batch, len(latents))
        capture = Capture(model, condition.take(list(range(start, stop))), [layer], sampler)
        maps = capture.paired(latents[start:stop], range(stop - start))[capture.layers[0]]
        for of_image, phrases in zip(maps, guidance[start:stop], strict=True):
            found.append(of_words(of_image, [g.tokens for g in phrases]).float().cpu().numpy())
    return found


def initial_latents(
    model: LatentModel,
    sampler: Sampler,
    layouts: pd.DataFrame,
    method: Method,
    seeds: list[int],
    *,
    stream: str,
    layer: str,
    collection: Collection | None = None,
    rule: Mapping | None = None,
    restandardise: bool = False,
) -> tuple[torch.Tensor, pd.DataFrame]:
    """What each layout is drawn from.

    Args:
        model, sampler: decide the first-step maps that Swap reads.
        layouts: layout table.
        method: see ``METHODS``.
        seeds: of each layout's base noise.
        stream: noise stream of the seeds.
        layer: cross-attention that Swap reads.
        collection: tickets, for methods that use them.
        rule: see ``make_rule`` and ``reading``, for methods that use tickets.
        restandardise: see ``tickets.construct``.

    Returns:
        (n, c, h, w) float32 latents, and a table with a row per layout: its seed, the smallest
        pool of its regions, the background's pool, the share of reused tickets, cells that
        kept the base noise, empty regions; mean, sd and excess kurtosis of the constructed
        latent. Columns about tickets are missing values without them.
    """
    if method.tickets:
        collection = reading(collection, rule)
    latents, rows = [], []
    groups = list(layouts.groupby("layout_id", sort=False))
    for (layout_id, objects), seed in zip(groups, seeds, strict=True):
        base = noise.latents(seed, model.latent_shape, stream)
        row = {"layout_id": layout_id, "seed": seed}
        if method.tickets:
            categories = objects["category"].tolist()
            masks = masks_of(objects[BOXES].to_numpy(), collection.grid)
            chosen = winners(collection, categories, make_rule(rule, categories))
            made = construct(
                chosen,
                categories,
                masks,
                collection,
                base,
                # The seed of the noise alone would draw tickets in step with the base noise.
                np.random.default_rng((seed, 1)),
                restandardise,
            )
            base = made.latent
            row |= {
                "pool": min(r["pool"] for r in made.report["regions"]),
                "background_pool": made.report["background"]["pool"],
                **{k: made.report[k] for k in ("reuse", "kept", "empty_regions")},
                **{k: made.report[k] for k in ("mean", "sd", "excess_kurtosis")},
            }
        latents.append(base)
        rows.append(row)
    x = torch.stack(latents)
    if method.swap:
        captions = [objects["caption"].iloc[0] for _, objects in groups]
        guidance = guidance_of(model.tokenizer, layouts)
        maps = own_maps(model, sampler, x, model.encode(captions), guidance, layer)
        x = torch.stack(
            [
                swap(z, m, masks_of(objects[BOXES].to_numpy(), int(m.shape[-1] ** 0.5)))
                for z, m, (_, objects) in zip(x, maps, groups, strict=True)
            ]
        )
    return x, pd.DataFrame(rows)


def control_of(
    name: str | None,
    model: LatentModel,
    condition: Condition,
    guidance: Guidance,
    sampler: Sampler,
    constants: Mapping,
) -> Control | None:
    """The control of a method for one batch.

    Args:
        name: of ``Method.control``.
        model, condition, guidance, sampler: of the batch.
        constants: what the papers leave open: ``weight`` (Paint), ``weight`` and ``width``
            (Soft), ``step_size``, ``grid`` and ``max_refinements`` (BoxDiff).

    Raises:
        ValueError: the control is unknown.
    """
    if name is None:
        return None
    if name == "paint":
        return Paint(model, guidance, constants["weight"])
    if name == "soft":
        return Soft(model, guidance, sampler.steps, constants["weight"], constants["width"])
    if name == "boxdiff":
        return BoxDiff(model, condition, guidance, sampler.steps, **constants)
    raise ValueError(f"control {name!r} is unknown: use paint, soft or boxdiff")
