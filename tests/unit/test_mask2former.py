"""The segmenter ``mask2former``: what transformers' own reading of the network says."""

import numpy as np
import pytest
import torch

from seedbed.evaluators.registry import EvaluatorError, load
from seedbed.evaluators.segmenters.mask2former import CONFIDENCE, MOST, objects

NAMES = {0: "person", 1: "bird", 2: "fire hydrant"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig

    backbone = SwinConfig(
        image_size=32,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=4,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    settings = Mask2FormerConfig(
        backbone_config=backbone,
        hidden_dim=32,
        feature_size=32,
        mask_feature_size=32,
        encoder_feedforward_dim=16,
        dim_feedforward=16,
        encoder_layers=1,
        decoder_layers=2,
        num_attention_heads=2,
        num_queries=12,
        id2label=NAMES,
    )
    torch.manual_seed(0)
    model = Mask2FormerForUniversalSegmentation(settings)
    for parameter in model.class_predictor.parameters():
        torch.nn.init.normal_(parameter, std=1.5)
    path = tmp_path_factory.mktemp("mask2former")
    model.save_pretrained(path)
    return path


def entry(folder, **keys):
    return {"kind": "mask2former", "source": str(folder)} | keys


def images(n=3, side=64):
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def test_objects_are_transformers_own():
    """At 384 pixels, where its post-processing does not scale twice."""
    from transformers import Mask2FormerImageProcessorPil
    from transformers.models.mask2former.modeling_mask2former import (
        Mask2FormerForUniversalSegmentationOutput,
    )

    generator = torch.Generator().manual_seed(0)
    classes = 3 * torch.randn(1, 15, 4, generator=generator)
    queries = 4 * torch.randn(1, 15, 24, 24, generator=generator)
    said = Mask2FormerForUniversalSegmentationOutput(
        class_queries_logits=classes, masks_queries_logits=queries
    )
    (theirs,) = Mask2FormerImageProcessorPil().post_process_instance_segmentation(
        said, threshold=CONFIDENCE, target_sizes=[(384, 384)], return_binary_maps=True
    )
    kinds, confidences, masks = objects(classes[0], queries[0], (384, 384))
    order = np.argsort([-s["score"] for s in theirs["segments_info"]], kind="stable")[:MOST]
    assert len(order) > 5
    segments = [theirs["segments_info"][i] for i in order]
    np.testing.assert_allclose(confidences, [s["score"] for s in segments], atol=2e-6)
    assert kinds == [s["label_id"] for s in segments]
    np.testing.assert_array_equal(masks, theirs["segmentation"].numpy()[order] == 1)


def test_a_row_and_a_mask_per_object(folder):
    segmenter = load("segmenters", entry(folder, batch=2), "mine")
    assert segmenter.names == tuple(NAMES.values())
    found, masks = segmenter(images())
    assert masks.shape == (len(found), 64, 64) and masks.dtype == bool and len(found) > 3
    assert masks.any(axis=(1, 2)).all()
    assert set(found["class"]) <= set(NAMES.values()) and found["image"].is_monotonic_increasing
    assert found["confidence"].between(CONFIDENCE, 1).all()
    for _, part in found.groupby("image"):
        assert part["confidence"].is_monotonic_decreasing and len(part) <= MOST
    alone, own = segmenter(images()[2:])
    last = (found["image"] == 2).to_numpy()
    np.testing.assert_allclose(alone["confidence"], found["confidence"][last], atol=1e-4)
    assert (own == masks[last]).mean() > 0.999
    assert segmenter.metadata["segmenter"] == "mine" and segmenter.metadata["weights"]


def test_no_picture_no_row(folder):
    found, masks = load("segmenters", entry(folder), "mine")(images(0))
    assert found.empty and masks.shape == (0, 64, 64)


def test_what_it_cannot_take(folder):
    with pytest.raises(ValueError, match="48×64 pixels; Mask2Former takes square ones"):
        load("segmenters", entry(folder), "mine")(images()[:, :, :48])
    with pytest.raises(EvaluatorError, match="a 'clip', not a 'mask2former'"):
        load("segmenters", entry("resources/storybook/storybook-clip"), "mine")


def test_the_published_processor_makes_its_pictures(folder, tmp_path):
    """With a processor in the folder, its sizes are used, and masks come in the picture's own."""
    import shutil

    from transformers import Mask2FormerImageProcessorPil

    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    size = {"shortest_edge": 96, "longest_edge": 160}
    Mask2FormerImageProcessorPil(size=size, size_divisor=32).save_pretrained(tmp_path)
    segmenter = load("segmenters", entry(tmp_path), "mine")
    assert segmenter.metadata["preprocessing"] == "its own processor"
    found, masks = segmenter(images(1))
    assert masks.shape == (len(found), 64, 64) and len(found)
