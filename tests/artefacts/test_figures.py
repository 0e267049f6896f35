"""Every table and figure that applies to the run is there, whole, and is not blank."""

import numpy as np
import pandas as pd
from PIL import Image

from seedbed.render.catalog import renderings


def files_of(plan, rendering):
    """The files of a rendering, each time it applies."""
    paths = (
        plan.run.figure(rendering.place)
        if rendering.kind == "figure"
        else plan.run.table(rendering.place)
    )
    for values in rendering.over(plan):
        yield [path.format(**values) for path in paths]


def test_every_figure_is_there_and_holds_a_picture(plan):
    figures = [r for r in renderings(plan) if r.kind == "figure"]
    for rendering in figures:
        for png, pdf in files_of(plan, rendering):
            with Image.open(png) as image:
                pixels = np.asarray(image.convert("RGB"))
            assert min(pixels.shape[:2]) > 250, f"{png} is too small for a paper"
            assert pixels.std() > 10, f"{png} is blank"
            with open(pdf, "rb") as handle:
                assert handle.read(5) == b"%PDF-"


def test_every_table_is_there_in_three_forms(plan):
    for rendering in renderings(plan):
        if rendering.kind != "table":
            continue
        for csv, markdown, latex in files_of(plan, rendering):
            assert len(pd.read_csv(csv)), csv
            with open(markdown, encoding="utf-8") as handle:
                assert handle.read().startswith("|")
            with open(latex, encoding="utf-8") as handle:
                assert r"\toprule" in handle.read()


def test_every_result_says_what_made_it(plan):
    from pathlib import Path

    from seedbed import store

    records = sorted(Path(plan.run.path("made_by")).rglob("*.json"))
    told = {path for record in records for path in store.read_json(record)["outputs"]}
    for rendering in renderings(plan):
        for paths in files_of(plan, rendering):
            assert set(paths) <= told
    for record in map(store.read_json, records):
        assert len(record["code"]) == 16 and record["device"] and record["lock"]
