"""``place``: tickets of a card or collected now, for anyone's pipeline, in boxes that are sound."""

import json
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import small_run
import torch
from diffusers import (
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from tiny_models import save_tiny_inpaint, save_tiny_sdxl

from seedbed import noise, placing, store
from seedbed.attention.capture import Capture
from seedbed.attention.tokens import phrase_positions
from seedbed.card import Card, CardError, CardWarning
from seedbed.evaluators.detectors.ultralytics import UltralyticsDetector
from seedbed.lottery_ticket.tickets.blocks import to_blocks
from seedbed.lottery_ticket.tickets.collect import Scoring
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.models.sd import Family as Sd
from seedbed.models.sdxl import Family as Sdxl
from seedbed.placing import PlaceError, default_layer, place
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "storybook"
PROMPT = "a boat and a tree"
LEFT, RIGHT = (0, 0.25, 0.5, 1), (0.5, 0.25, 1, 1)
BOXES = {"boat": LEFT, "tree": RIGHT}


def quiet(pipe):
    pipe.set_progress_bar_config(disable=True)
    return pipe


@pytest.fixture(scope="module")
def pipe(tiny_sd_folder):
    return quiet(StableDiffusionPipeline.from_pretrained(tiny_sd_folder, safety_checker=None))


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """The card of the small run: tickets of apple, boat and tree in 4×4 blocks of 2×2."""
    folder = tmp_path_factory.mktemp("small-run")
    small_run.write_card(folder)
    return Card.load(folder)


def collected_now(monkeypatch):
    """What is collected from now on: (pairs, noises) each time."""
    asked = []

    class Spy(placing.Scoring):
        def __init__(self, drawing, reading, pairs, seeds):
            asked.append((list(pairs), list(seeds), reading, drawing.sampler))
            super().__init__(drawing, reading, pairs, seeds)

    monkeypatch.setattr(placing, "Scoring", Spy)
    return asked


class TestFromACard:
    def test_boxes_hold_winning_blocks(self, pipe, card, monkeypatch):
        asked = collected_now(monkeypatch)
        latents = place(pipe, PROMPT, BOXES, seed=7, card=card)
        assert latents.shape == (1, 4, 8, 8) and latents.dtype == torch.float32 and not asked
        whole, cells = small_run.collection(), 16
        every = torch.cat(
            [to_blocks(noise.latents(s, small_run.SHAPE, "cpu"), 4) for s in small_run.NOISES]
        )
        found = to_blocks(latents[0], 4)
        scores = {
            word: whole.score(word, other) for word, other in (("boat", "tree"), ("tree", "boat"))
        }
        base = to_blocks(noise.latents(7, small_run.SHAPE, "cpu"), 4)
        for cell in range(cells):
            row, column = divmod(cell, 4)
            (same,) = np.nonzero([torch.equal(found[cell], block) for block in every])
            if row == 0:  # above both boxes: a background ticket or, of too few, the seed's noise
                assert len(same) or torch.equal(found[cell], base[cell])
                continue
            word = "boat" if column < 2 else "tree"
            assert scores[word][same[0]] > 0.5

    def test_the_seed_decides_and_nothing_else(self, pipe, card):
        one, again, other = (place(pipe, PROMPT, BOXES, seed=s, card=card) for s in (1, 1, 2))
        assert torch.equal(one, again) and not torch.equal(one, other)

    def test_a_word_may_have_several_boxes(self, pipe, card):
        several = {"boat": [(0, 0, 0.25, 0.25), (0.75, 0.75, 1, 1)]}
        latents = place(pipe, "two boats", several, card=card)
        assert latents.shape == (1, 4, 8, 8)

    def test_words_that_it_lacks_are_collected_as_it_was(self, pipe, card, monkeypatch):
        asked = collected_now(monkeypatch)
        place(pipe, "a boat and a house", {"boat": LEFT, "house": RIGHT}, card=card)
        ((pairs, seeds, reading, sampler),) = asked
        assert pairs == [("boat", "house")] and seeds == small_run.NOISES
        assert reading.layer == small_run.READING["layer"]
        assert (sampler.steps, sampler.scheduler) == (20, "ddim")

    def test_another_models_card(self, pipe, card):
        card.content["model"]["latent_shape"] = [4, 64, 64]
        try:
            with pytest.raises(CardError, match=r"latents \(4, 64, 64\), the pipeline's"):
                place(pipe, PROMPT, BOXES, card=card)
        finally:
            card.content["model"]["latent_shape"] = list(small_run.SHAPE)


class TestCollectedNow:
    def test_the_papers_noises_and_a_bar(self, pipe, monkeypatch):
        asked, told = collected_now(monkeypatch), []

        @contextmanager
        def bar(total):
            told.append(total)
            yield SimpleNamespace(update=told.append, set_description=told.append)

        monkeypatch.setattr(pipe, "progress_bar", bar)
        latents = place(pipe, PROMPT, BOXES)
        assert latents.shape == (1, 4, 8, 8)
        ((pairs, seeds, _, sampler),) = asked
        assert pairs == [("boat", "tree")] and len(seeds) == 100 and sampler.steps == 50
        total, name, *parts = told
        assert (total, name, sum(parts)) == (100, "tickets", 100)

    def test_one_word_is_scored_beside_others(self, pipe, monkeypatch):
        asked = collected_now(monkeypatch)
        place(pipe, "a boat", {"boat": LEFT}, beside=["tree", "boat", "apple"])
        assert asked[0][0] == [("boat", "tree"), ("boat", "apple")]

    def test_weights_of_half_the_width(self, tiny_sd_folder):
        half = StableDiffusionPipeline.from_pretrained(
            tiny_sd_folder, safety_checker=None, dtype=torch.bfloat16
        )
        assert place(quiet(half), PROMPT, BOXES).dtype == torch.bfloat16

    def test_a_box_without_a_ticket_says_so(self, pipe, monkeypatch):
        monkeypatch.setitem(placing.RULE, "t_obj", 1.0)
        with pytest.warns(CardWarning, match="is not placed: no ticket won") as told:
            latents = place(pipe, PROMPT, BOXES, seed=3)
        assert ["'boat'", "'tree'"] == [str(each.message).split()[0] for each in told]
        kept = noise.latents(3, small_run.SHAPE, "cpu")
        assert torch.equal(latents[0, :, 2:], kept[:, 2:])


@pytest.fixture(scope="module")
def xl(tmp_path_factory):
    folder = save_tiny_sdxl(tmp_path_factory.mktemp("tiny-sdxl"))
    return quiet(StableDiffusionXLPipeline.from_pretrained(folder, add_watermarker=False))


class TestSdxl:
    def test_it_is_placed(self, xl):
        latents = place(xl, PROMPT, BOXES)
        assert latents.shape == (1, 4, 8, 8) and torch.isfinite(latents).all()

    def test_both_tokenizers_put_a_word_in_one_place(self, xl):
        for word in ("boat", "tree"):
            one, two = (phrase_positions(t, PROMPT, word) for t in (xl.tokenizer, xl.tokenizer_2))
            assert one == two

    def test_truncated_maps_are_those_of_the_whole_forward(self, xl):
        model = Sdxl(xl)
        condition = model.encode([PROMPT, "a red apple"])
        layer, x = default_layer(model.unet), noise.batch([1, 2], model.latent_shape, "cpu")
        maps = []
        for truncate in (True, False):
            capture = Capture(model, condition, [layer], Sampler(20, 5.0), truncate=truncate)
            maps.append(capture.paired(x, [0, 1])[capture.layers[0]])
        torch.testing.assert_close(*maps, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(
    ("model", "layer"),
    [("sd14", "down_blocks.2.attentions.1"), ("sdxl_base", "down_blocks.2.attentions.1")],
)
def test_default_layer_of_real_models(shared_data, model, layer):
    settings = json.loads((shared_data / "sd_configs" / model / "unet_config.json").read_text())
    with torch.device("meta"):
        assert default_layer(UNet2DConditionModel.from_config(settings)) == layer


BAD = [
    ("a boat", {}, "no boxes: give a table"),
    ("a boat", [LEFT], "no boxes: give a table"),
    (["a boat"], {"boat": LEFT}, "one prompt is placed at a time, as text, not list"),
    ("a boat", {"tree": LEFT}, "the prompt 'a boat' does not name 'tree'"),
    ("a boat", {"boat": (0, 0, 1)}, "the box of 'boat' is (0, 0, 1): give four numbers"),
    ("a boat", {"boat": "left"}, "give four numbers x0, y0, x1, y1"),
    ("a boat", {"boat": []}, "give four numbers x0, y0, x1, y1"),
    ("a boat", {"boat": (0, 0, 1, 1.5)}, "in shares of the frame, 0 to 1"),
    ("a boat", {"boat": (0, 0, 32, 64)}, "in shares of the frame, 0 to 1"),
    ("a boat", {"boat": (0.5, 0, 0.5, 1)}, "with x0 < x1 and y0 < y1"),
    ("a boat", {"boat": (0, 0, float("nan"), 1)}, "in shares of the frame, 0 to 1"),
]


@pytest.mark.parametrize(("prompt", "boxes", "line"), BAD)
def test_what_cannot_be_placed_is_one_line(pipe, prompt, boxes, line):
    with pytest.raises(PlaceError) as raised:
        place(pipe, prompt, boxes)
    assert line in str(raised.value) and "\n" not in str(raised.value)


def test_pipelines_without_first_step_maps(tmp_path):
    filler = StableDiffusionInpaintPipeline.from_pretrained(
        save_tiny_inpaint(tmp_path), safety_checker=None
    )
    with pytest.raises(PlaceError, match="takes 9 channels; give a StableDiffusionPipeline"):
        place(filler, PROMPT, BOXES)
    with pytest.raises(PlaceError, match="a str has no UNet"):
        place("pipe", PROMPT, BOXES)


# Whether it places anything

SEEDS = range(12)


@pytest.fixture(scope="module")
def storybook():
    folder = SHIPPED / "storybook-sd"
    return quiet(StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32))


@pytest.fixture(scope="module")
def storybook_card(storybook, tmp_path_factory):
    """A card of storybook-sd with tickets of a boat beside a tree, so that they are read once."""
    folder = tmp_path_factory.mktemp("storybook-card")
    small_run.write_card(folder, latent_shape=(4, 16, 16))
    content = json.loads((folder / "card.json").read_text())
    drawing = Drawing(Sd(storybook), Sampler(20, 4.0, scheduler="ddim"))
    scoring = Scoring(
        drawing, Reading("down_blocks.1.attentions.0"), [("boat", "tree")], range(100)
    )
    with torch.no_grad():
        for _ in scoring.parts(int):
            pass
    (found,) = scoring.collections({"model": "storybook-sd", "weights": "-"})
    found.save(folder / "tickets.safetensors")
    sha256 = store.sha256_of(folder / "tickets.safetensors")
    content["tickets"] |= {"words": found.names, "noises": list(found.seeds), "sha256": sha256}
    return Card(content, folder)


def test_a_boat_is_found_where_it_is_placed(storybook, storybook_card):
    """Left and right of a tree, from the same seeds.

    Plain noise draws one picture of a seed, whose boat is on one of the two sides that are asked
    for: it is right for half of them at most, 12 of 24, and so would be placed noise that does
    not heed the boxes, with a standard deviation of 2.4. At least 18 are so in 1 % of trials.
    """
    sides = [{"boat": (0, 0.2, 0.5, 1), "tree": (0.5, 0.2, 1, 1)}]
    sides.append({"boat": sides[0]["tree"], "tree": sides[0]["boat"]})
    latents = [
        place(storybook, PROMPT, boxes, seed=seed, card=storybook_card)
        for seed in SEEDS
        for boxes in sides
    ]
    pictures = storybook(
        [PROMPT] * len(latents),
        latents=torch.cat(latents),
        num_inference_steps=10,
        guidance_scale=4.0,
        output_type="np",
    ).images
    detector = UltralyticsDetector(str(SHIPPED / "storybook-yolo" / "storybook-yolo.pt"), "yolo")
    found = detector((pictures * 255).round().astype(np.uint8))
    boats = found[found["class"] == "boat"].groupby("image").first()
    is_right = (boats["x0"] + boats["x1"]) / 2 > 0.5
    assert (is_right == (boats.index % 2 == 1)).sum() >= 18
