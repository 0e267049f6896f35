"""The explorer's page, put together: numbers, thumbnails, charts and the files below ``page/``."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed import store
from seedbed.render.explorer import chart, grids, lists, sprites
from seedbed.render.explorer.explored import HABIT
from seedbed.render.explorer.grids import Measure, Study
from seedbed.render.explorer.page_files import FOLDER, SCRIPTS, STYLES

log = logging.getLogger(__name__)

LIMIT = 15_000_000
"""Bytes of the whole page: it is sent by mail, and opens in a moment."""
SPARE = 0.04
"""Share of the limit that is kept for what a sample of the pictures does not foretell."""
ABSENT = 65535
"""Stands for NaN among numbers of 16 bits."""


@dataclass(frozen=True, eq=False)
class Explored:
    """A model with all that the page shows of it.

    Attributes:
        name: of the model.
        studies: of its pictures.
        about: JSON-ready: numbers and lists of its seeds.
    """

    name: str
    studies: list[Study]
    about: dict


def explorer(models: Sequence[Mapping], made: Mapping[str, str]) -> str:
    """The whole page.

    Args:
        models: ``explored.sources``.
        made: what the foot of the page says of the run, by name.

    Raises:
        StoreError: a file is not as it was written, or lacks a picture.
        ValueError: the page cannot be brought below ``LIMIT``.
    """
    explored = [_explored(model) for model in models]
    scripts = {name: _text(name) for name in SCRIPTS}
    bundle = chart.library()
    fixed = sum(map(len, scripts.values())) + len(bundle.encode())
    rung, kept = sprites.fitted(
        [study for model in explored for study in model.studies],
        (1 - SPARE) * LIMIT - fixed - sum(map(_numbers_bytes, explored)),
    )
    for below in sprites.LADDER[sprites.LADDER.index(rung) :]:
        html = _page(explored, below, kept, scripts, bundle, made)
        if len(html.encode()) <= LIMIT:
            return html
        log.info("%d pixels at quality %d: too large a page", below.side, below.quality)
    raise ValueError(f"the explorer's page is larger than {LIMIT} bytes: survey fewer seeds")


def _explored(model: Mapping) -> Explored:
    studies = [grids.study_of(source) for source in model["studies"]]
    seeds, columns = grids.seed_columns(model, studies)
    about = {"name": model["model"], "lists": lists.lists_of(model)}
    about["seeds"] = {"ids": seeds, "columns": [_told(column) for column in columns]}
    return Explored(model["model"], studies, about)


def _told(column: Mapping) -> dict:
    """A number of seeds as JSON has it: five digits, ``null`` for NaN."""
    ends = ("values", "low", "high")
    rounded = {key: None if column[key] is None else _rounded(column[key]) for key in ends}
    return {**column, **rounded}


def _rounded(values) -> list[float | None]:
    return [None if np.isnan(v) else float(f"{v:.5g}") for v in np.asarray(values, dtype=float)]


def _numbers_bytes(explored: Explored) -> int:
    """About what the page needs of a model beside its pictures."""
    pictures = sum(
        study.n_images * (1 if m.role == HABIT else 2)
        for study in explored.studies
        for m in study.measures
    )
    texts = sum(study.prompts["text"].str.len().sum() + 60 for study in explored.studies)
    return round(sprites.BASE64 * pictures + texts + len(json.dumps(explored.about)))


def packed(measure: Measure) -> dict:
    """A measure for the page: whole numbers between its least and its largest value, in Base64.

    Habits take 8 bits (0, 1), other numbers 16 (``ABSENT`` for NaN): little-endian, seeds by
    prompts, prompts fastest. A step is 1/65534 of the range.
    """
    about = {k: getattr(measure, k) for k in ("key", "label", "role", "low_is_good")}
    values, absent = measure.values, np.isnan(measure.values)
    if measure.role == HABIT:
        data = values.astype(np.uint8)
        return about | {"bits": 8, "low": 0, "high": 1, "data": _base64(data.tobytes())}
    low, high = (0.0, 1.0) if absent.all() else (np.nanmin(values), np.nanmax(values))
    step = (high - low) / (ABSENT - 1) or 1.0
    whole = np.where(absent, ABSENT, np.round((np.where(absent, low, values) - low) / step))
    data = _base64(whole.astype("<u2").tobytes())
    return about | {"bits": 16, "low": float(low), "high": float(high), "data": data}


def _page(
    explored: Sequence[Explored],
    rung: sprites.Rung,
    kept: float,
    scripts: Mapping[str, str],
    bundle: str,
    made: Mapping[str, str],
) -> str:
    entries, sheets = [], []
    for m, model in enumerate(explored):
        studies = []
        for s, whole in enumerate(model.studies):
            study = thinned(whole, kept)
            pictures = sprites.sheets(study, rung)
            studies.append(_study(study, f"sheets-{m}-{s}"))
            lines = "\n".join(map(_base64, pictures))
            sheets.append(f'<script type="text/plain" id="sheets-{m}-{s}">{lines}</script>')
        entries.append(model.about | {"studies": studies})
    data = {
        "made": dict(made),
        "side": rung.side,
        "block": sprites.BLOCK,
        "models": entries,
        "charts": chart.linked_charts(),
    }
    return filled(
        _text("explorer.html"),
        styles="\n".join(map(_text, STYLES)),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        sheets="\n".join(sheets),
        # Within a script element nothing may close it.
        library=bundle.replace("</script", "<\\/script"),
        scripts="\n".join(f"<script>\n{text}</script>" for text in scripts.values()),
    )


def thinned(study: Study, kept: float) -> Study:
    """A study with this share of its prompts, evenly apart; at least one."""
    if kept >= 1:
        return study
    return study.with_prompts(
        sprites.evenly(len(study.prompts), max(1, int(kept * len(study.prompts))))
    )


def _study(study: Study, sheets: str) -> dict:
    return {
        "name": study.name,
        "label": study.label,
        "seeds": study.seeds,
        "prompts": study.prompts.to_dict("records"),
        "n_prompts": study.n_prompts,
        "measures": [packed(measure) for measure in study.measures],
        "sheets": sheets,
    }


def filled(template: str, **parts: str) -> str:
    """A template with ``<!-- name -->`` replaced by each part, in one pass.

    Raises:
        ValueError: a part has no place, or two.
    """
    pieces = [template]
    for name, part in parts.items():
        place = f"<!-- {name} -->"
        if sum(piece.count(place) for piece in pieces[::2]) != 1:
            raise ValueError(f"{place} must stand in the template once")
        at = next(i for i in range(0, len(pieces), 2) if place in pieces[i])
        before, after = pieces[at].split(place)
        pieces[at : at + 1] = [before, part, after]
    return "".join(pieces)


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def write(models: Sequence[Mapping], made: Mapping[str, str], path: str) -> None:
    """Write the page; arguments as those of ``explorer``."""
    store.write_text(explorer(models, made), path)
