"""How much of an object's place, size and depth the seed decides (Good Seed, 3.4, Figure 10).

The paper shows, for two objects, that pictures of one seed put the object at about the same place,
of the same size and depth, whatever the modifier. Here that is a share: of the variance of an
attribute about its prompt's mean, how much lies between seeds (``statistics.unbalanced``). It is
asked for each category (prompts of one object), within all categories at once (only prompts of the
same object are compared) and across them (all prompts are). The same is asked of what pixels tell
without an object: brightness, tint, chroma.

Images in which the object was not found have no place: their cells are missing, and every row says
how many images were found of how many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.statistics.unbalanced import SeedShare, seed_share
from seedbed.statistics.verdicts import holm, verdict

PLACED = ("x", "y", "size", "depth")
"""Of the object: columns of composition tables."""
TOLD_BY_PIXELS = ("brightness", "tint_a", "tint_b", "chroma")
"""Of the image: columns of attribute tables."""
KEYS = ["seed", "prompt_id"]
WITHIN, ACROSS = "within", "across"
COLUMNS = [
    *("attribute", "scope", "category", "share", "low", "high", "bound", "p_value", "p_holm"),
    *("verdict", "n_seeds", "n_prompts", "n_found", "n_images"),
]


def read_measured(
    composition: Sequence[str], attributes: Sequence[str], prompts: pd.DataFrame
) -> pd.DataFrame:
    """One row per image of a survey: ``seed``, ``prompt_id``, ``object``, what was measured.

    Args:
        composition: tables of a segmenter, by shard; may be empty.
        attributes: tables of what pixels tell, of the same shards.
        prompts: ``prompt_id``, ``object`` of the survey.

    Raises:
        StoreError: a column is lacking, a found object has no finite place, or an image is in one
            of the tables alone.
        ValueError: an image is of no prompt of the survey, or one of the prompts has none.
    """
    tables = [store.read_table(path, finite=[*KEYS[:1], *TOLD_BY_PIXELS]) for path in attributes]
    measured = pd.concat(tables, ignore_index=True)[[*KEYS, *TOLD_BY_PIXELS]]
    if composition:
        placed = pd.concat([read_composition(path) for path in composition], ignore_index=True)
        joined = measured.merge(placed, on=KEYS, how="outer", validate="one_to_one", indicator=True)
        alone = (joined.pop("_merge") != "both").to_numpy()
        store.refuse_rows(composition[0], joined, alone, "measured in one of two ways only")
        measured = joined
    objects = prompts.set_index("prompt_id")["object"]
    if set(measured["prompt_id"]) != set(objects.index):
        raise ValueError("the images are not those of the survey's prompts; delete them, run again")
    return measured.assign(object=measured["prompt_id"].map(objects))


def read_composition(path: str) -> pd.DataFrame:
    """``seed``, ``prompt_id``, ``found`` and ``PLACED`` of a shard; NaN where not found.

    Raises:
        StoreError: a column is lacking, or a found object has no finite place.
    """
    table = store.read_table(path, [*KEYS, "found", *PLACED])
    placed = np.isfinite(table[list(PLACED)].to_numpy(dtype=np.float64)).all(axis=1)
    found = table["found"].to_numpy(dtype=bool)
    store.refuse_rows(path, table, found & ~placed, "an object was found and has no place")
    table.loc[~found, list(PLACED)] = np.nan
    return table[[*KEYS, "found", *PLACED]]


def shares(measured: pd.DataFrame, statistics: dict, margin: float) -> pd.DataFrame:
    """Shares of variance between seeds, with what chance gives.

    Args:
        measured: as ``read_measured`` returns it.
        statistics: ``permutations``, ``level``, ``seed``.
        margin: a share below it is as good as none.

    Returns:
        ``COLUMNS``. ``scope`` is ``within``, ``across`` or ``category``, then ``category`` names
        it; ``bound`` is what permuted seeds exceed in 5 %; ``p_holm`` is adjusted for the
        attributes of a scope, or the categories of an attribute; ``verdict``
        (``statistics.verdicts``) says whether the share is above 0. A row with too few images has
        no share and no verdict.
    """
    seeds, ids = sorted(measured["seed"].unique()), list(dict.fromkeys(measured["prompt_id"]))
    of_prompt = measured.drop_duplicates("prompt_id").set_index("prompt_id")["object"]
    objects = of_prompt.loc[ids].to_numpy(dtype=str)
    rng = np.random.default_rng(statistics["seed"])
    rows = []
    for attribute in (*PLACED, *TOLD_BY_PIXELS):
        if attribute not in measured:
            continue
        wide = measured.pivot(index="seed", columns="prompt_id", values=attribute)
        table = wide.loc[seeds, ids].to_numpy(dtype=np.float64)
        for scope, category, columns, groups in _scopes(objects):
            part = table[:, columns]
            try:
                found = seed_share(
                    part, groups, statistics["permutations"], rng, statistics["level"]
                )
            except ValueError:
                found = None
            rows.append(_row(attribute, scope, category, found, part, margin))
    full = pd.DataFrame(rows)
    # Attributes of one scope are one family of tests, categories of one attribute another.
    family = full["scope"].where(full["scope"] != "category", full["attribute"])
    full["p_holm"] = full.groupby(family)["p_value"].transform(lambda p: holm(p.to_numpy()))
    full["verdict"] = [
        "" if np.isnan(row.share) else verdict((row.low, row.high), row.p_holm, row.narrow, margin)
        for row in full.itertuples()
    ]
    return full[COLUMNS]


def _scopes(objects: np.ndarray) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    """Scope, category, its prompts as a mask, and groups of prompts that are compared."""
    everything = np.ones(len(objects), dtype=bool)
    yield ACROSS, "", everything, np.zeros(len(objects))
    categories = [name for name in dict.fromkeys(objects) if name]
    if not categories:
        return
    named = objects != ""
    yield WITHIN, "", named, objects[named]
    for name in categories:
        here = objects == name
        yield "category", name, here, objects[here]


def _row(
    attribute: str,
    scope: str,
    category: str,
    found: SeedShare | None,
    table: np.ndarray,
    margin: float,
) -> dict:
    known = np.isfinite(table)
    return {
        "attribute": attribute,
        "scope": scope,
        "category": category,
        "share": found.share if found else np.nan,
        "low": found.low if found else np.nan,
        "high": found.high if found else np.nan,
        "narrow": found.narrow if found else None,
        "bound": found.bound() if found else np.nan,
        "p_value": found.p_value if found else np.nan,
        "n_seeds": int(known.any(axis=1).sum()),
        "n_prompts": int(known.any(axis=0).sum()),
        "n_found": int(known.sum()),
        "n_images": int(known.size),
    }
