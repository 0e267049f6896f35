"""Measure VAE, storybook-net and storybook-clip on held-out scenes."""

from seedbed import logs, store


def main(quality: dict, net: str, clip: str, vae: str, output: str, threads: int) -> None:
    import torch
    from diffusers import AutoencoderKL

    from seedbed.features.clip_score import ClipScorer
    from seedbed.features.storybook_net import StorybookNet
    from seedbed.models import quiet_loading
    from seedbed.storybook.quality import evaluator_quality

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
    store.write_table(rows.assign(model="evaluators"), output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.quality,
        snakemake.params.net,
        snakemake.params.clip,
        snakemake.params.vae,
        snakemake.output.rows,
        snakemake.threads,
    )
