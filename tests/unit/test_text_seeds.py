"""Text shares within masks, what they say of seeds, and Tesseract on drawn words."""

import glob
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageFont

from seedbed.evaluators.detectors.tesseract import TesseractReader
from seedbed.good_seed import text_seeds, text_share

STATISTICS = {"bootstrap": 200, "permutations": 199, "level": 0.95, "seed": 3}
WORDS = ("SALE", "HELLO", "OPEN", "STORY", "NEWS", "FREE")


def test_share_of_a_mask_is_counted_by_pixels():
    mask = np.zeros((4, 4), dtype=bool)
    mask[:, 2:] = True
    boxes = np.array([[0.5, 0.0, 1.0, 0.5], [0.5, 0.25, 1.0, 0.5], [0.0, 0.0, 0.5, 1.0]])
    assert text_share.share_in_mask(boxes[:0], mask) == 0
    assert text_share.share_in_mask(boxes[:1], mask) == 0.5
    # What lies over another box or beside the mask adds nothing.
    assert text_share.share_in_mask(boxes, mask) == 0.5
    with pytest.raises(ValueError, match="without a pixel"):
        text_share.share_in_mask(boxes, np.zeros((4, 4), dtype=bool))


class Boxes:
    """Says that a picture whose first pixel is white has a word over its right half."""

    names = ("text", "boat")
    metadata = {"detector": "boxes"}  # noqa: RUF012

    def __call__(self, images):
        rows = [(i, "text", 0.5, 0.5, 0.0, 1.0, 1.0) for i, x in enumerate(images) if x[0, 0, 0]]
        rows += [(i, "boat", 0.9, 0.0, 0.0, 1.0, 1.0) for i in range(len(images))]
        return pd.DataFrame(rows, columns=["image", "class", "confidence", "x0", "y0", "x1", "y1"])


def test_only_text_of_enough_confidence_counts():
    images = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    images[1] = 255
    masks = np.ones((2, 4, 4), dtype=bool)
    assert text_share.shares(images, masks, Boxes(), 0.5).tolist() == [0, 0.5]
    assert text_share.shares(images, masks, Boxes(), 0.6).tolist() == [0, 0]
    blind = Boxes()
    blind.names = ("boat",)
    with pytest.raises(ValueError, match="boxes: knows no class 'text'; name a detector"):
        text_share.shares(images, masks, blind, 0.5)


def world(rng, seeds, pairs, effect):
    """Text shares: rare and large, more often in seeds of a larger effect, the same in modes."""
    chance = np.clip(0.1 + effect * rng.random(seeds), 0, 1)[:, None]
    rows = []
    for mode in ("removal", "completion"):
        cells = (rng.random((seeds, pairs)) < chance) * rng.uniform(0.2, 0.6, (seeds, pairs))
        for (s, p), share in np.ndenumerate(cells):
            rows.append((s, f"p{p:02d}", mode, share, 0.01))
    return pd.DataFrame(rows, columns=["seed", "pair_id", "mode", "share", "input_share"])


def test_a_planted_effect_is_found_and_none_is_not():
    found = {effect: [] for effect in (0.0, 0.8)}
    for effect, verdicts in found.items():
        for n in range(20):
            frame = world(np.random.default_rng(n), 24, 16, effect)
            table, evidence = text_seeds.study(frame, ["removal", "completion"], STATISTICS)
            verdicts.append(evidence["modes"]["removal"]["p_value"] < 0.05)
            assert len(table) == 48 and (table["n"] == 16).all()
            assert ((table["low"] <= table["mean"]) & (table["mean"] <= table["high"])).all()
    assert sum(found[0.0]) <= 3 and sum(found[0.8]) >= 18
    assert evidence["between"]["rho"] > 0.5 and evidence["between"]["p_value"] < 0.05
    assert evidence["modes"]["removal"]["input_mean"] == pytest.approx(0.01)


def test_without_any_text_nothing_is_correlated():
    frame = world(np.random.default_rng(0), 5, 4, 0).assign(share=0.0)
    _, evidence = text_seeds.study(frame, ["removal", "completion"], STATISTICS)
    assert evidence["between"] is None and evidence["modes"]["completion"]["with_text"] == 0
    with pytest.raises(ValueError, match="is missing"):
        text_seeds.study(frame.iloc[1:], ["removal", "completion"], STATISTICS)


def drawn(word, size):
    picture = Image.new("RGB", (256, 256), (200, 220, 240))
    draw = ImageDraw.Draw(picture)
    draw.text((60, 100), word, font=ImageFont.load_default(size=size), fill=(10, 10, 10))
    return np.asarray(picture)


def test_tesseract_reads_drawn_words_from_twelve_pixels_on():
    found = glob.glob("/usr/share/tesseract-ocr/*/tessdata/eng.traineddata")
    if shutil.which("tesseract") is None or not found:
        pytest.skip("no tesseract-ocr with English data on this machine")
    reader = TesseractReader(found[0])
    for size in (12, 18, 36):
        words = reader(np.stack([drawn(word, size) for word in WORDS]))
        assert set(words["image"]) == set(range(len(WORDS))), size
        assert (words.groupby("image")["confidence"].max() > 0.6).all()
        # Around the letters: they begin at (60, 100).
        assert words["x0"].between(50 / 256, 70 / 256).all() and (words["x1"] < 200 / 256).all()
        assert (words["y1"] < 160 / 256).all() and (words["y0"] > 90 / 256).all()
    plain = reader(np.full((1, 64, 64, 3), 128, dtype=np.uint8))
    assert plain.empty and plain["image"].dtype == np.int64


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="no tesseract-ocr here")
def test_tesseract_without_its_data_says_what_to_name(tmp_path):
    with pytest.raises(ValueError, match=r"no trained data of Tesseract; name a \.traineddata"):
        TesseractReader(str(tmp_path / "eng.traineddata"))
