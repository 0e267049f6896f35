"""Measure VAE, storybook-net, storybook-clip and the detector on held-out scenes."""

from seedbed import logs, store


def main(
    quality: dict, net: str, clip: str, vae: str, detector: dict, output: str, threads: int
) -> None:
    import pandas as pd
    import torch
    from diffusers import AutoencoderKL

    from seedbed.features.clip_score import ClipScorer
    from seedbed.features.detect import load_entry as load_detector
    from seedbed.features.storybook_net import StorybookNet
    from seedbed.models import quiet_loading
    from seedbed.storybook.quality import detector_quality, evaluator_quality

    torch.set_num_threads(threads)
    quiet_loading()
    rows = evaluator_quality(
        StorybookNet.load(net),
        ClipScorer(clip),
        AutoencoderKL.from_pretrained(vae, subfolder="vae", dtype=torch.float32).eval(),
        quality["scenes"],
        quality["clip_choices"],
        quality["seed"],
    )
    boxes = detector_quality(load_detector(detector), quality["scenes"], quality["seed"])
    rows = pd.concat([rows, boxes], ignore_index=True)
    store.write_table(rows.assign(model="evaluators"), output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.quality,
        snakemake.params.net,
        snakemake.params.clip,
        snakemake.params.vae,
        snakemake.params.detector,
        snakemake.output.rows,
        snakemake.threads,
    )
