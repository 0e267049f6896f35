"""Measure VAE and evaluators on held-out scenes."""

from seedbed import job, store


def main(quality: dict, judges: dict, rows: str) -> None:
    import pandas as pd
    import torch
    from diffusers import AutoencoderKL

    from seedbed.evaluators import registry
    from seedbed.evaluators.extractors.storybook_net import StorybookNet
    from seedbed.evaluators.scorers.clip import ClipScorer
    from seedbed.models.registry import quiet_loading
    from seedbed.storybook.mask_quality import mask_and_depth_quality
    from seedbed.storybook.quality import detector_quality, evaluator_quality

    quiet_loading()
    vae = AutoencoderKL.from_pretrained(
        judges["vae"]["source"], subfolder="vae", dtype=torch.float32
    )
    found = evaluator_quality(
        StorybookNet.load(judges["net"]["source"]),
        ClipScorer(judges["clip"]["source"]),
        vae.eval(),
        quality["scenes"],
        quality["clip_choices"],
        quality["seed"],
    )
    detector = registry.load("detectors", judges["detector"], "storybook-yolo")
    boxes = detector_quality(detector, quality["scenes"], quality["seed"])
    masks = mask_and_depth_quality(
        registry.load("segmenters", judges["segmenter"], "storybook-seg"),
        registry.load("depths", judges["depth"], "storybook-depth"),
        quality["scenes"],
        quality["seed"],
    )
    every = pd.concat([found, boxes, masks], ignore_index=True)
    store.write_table(every.assign(model="evaluators"), rows)


if "snakemake" in globals():
    job.run(snakemake, main)
