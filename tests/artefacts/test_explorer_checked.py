"""The explorer of this run is whole, small, and shows what is stored."""

import io
import json
import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seedbed import store
from seedbed.render.explorer import explored
from seedbed.render.explorer.sprites import thumbnail
from seedbed.render.explorer.whole import LIMIT


@pytest.fixture(scope="module")
def page(plan) -> tuple[str, dict]:
    """(text, data) of the page."""
    if not explored.sources(plan):
        pytest.skip("no model's seeds are studied in this run")
    text = Path(plan.run.explorer).read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return text, json.loads(data[1])


def test_it_is_small_enough_and_complete(plan, page):
    text, data = page
    assert len(text.encode()) <= LIMIT
    assert [model["name"] for model in data["models"]] == [
        model["model"] for model in explored.sources(plan)
    ]
    # Fewer prompts only where the sharpness is already the least.
    for model in data["models"]:
        for study in model["studies"]:
            assert len(study["prompts"]) == study["n_prompts"] or data["side"] <= 32


def test_a_thumbnail_and_its_number_walk_back_to_the_stored_ones(plan, page):
    text, data = page
    model, source = data["models"][0], explored.sources(plan)[0]
    study, files = model["studies"][0], source["studies"][0]
    i, j = len(study["seeds"]) - 1, len(study["prompts"]) // 2
    seed, prompt = study["seeds"][i], study["prompts"][j]["prompt_id"]
    stored = store.pick_images(files["images"], [seed], [prompt])[seed, prompt]
    block, side = data["block"], data["side"]
    across = -(-len(study["prompts"]) // block)
    sheets = re.search(rf'id="{study["sheets"]}">(.*?)</script>', text, re.DOTALL)[1].split("\n")
    sheet = b64decode(sheets[i // block * across + j // block])
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB")).astype(int)
    row, column = i % block * side, j % block * side
    shown = pixels[row : row + side, column : column + side]
    assert np.abs(shown - thumbnail(stored, side)).mean() < 16
    for measure in study["measures"]:
        if measure["bits"] == 16:
            whole = np.frombuffer(b64decode(measure["data"]), "<u2")
            assert len(whole) == len(study["seeds"]) * len(study["prompts"])
    said = [m for m in study["measures"] if m["key"].startswith("preference:")]
    if said:
        table = next(t for t in files["tables"] if "preference" in t["columns"])
        rows = store.read_table(table["paths"][0])
        at = (rows["seed"] == seed) & (rows["prompt_id"] == prompt)
        whole = np.frombuffer(b64decode(said[0]["data"]), "<u2")[i * len(study["prompts"]) + j]
        low, high = said[0]["low"], said[0]["high"]
        value = low + whole / 65534 * (high - low)
        assert value == pytest.approx(rows["preference"][at].item(), abs=(high - low) / 60000)
