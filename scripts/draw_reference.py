"""Draw the real pictures that the Fréchet distance compares with."""

from seedbed import logs

if "snakemake" in globals():
    from seedbed.storybook.reference import draw_shard

    logs.setup(snakemake.log[0])
    draw_shard(
        snakemake.params.n_images,
        snakemake.params.seed,
        snakemake.output.images,
        snakemake.params.encoding,
    )
