"""Extract the features of every image of a shard."""

from seedbed import logs


def main(entry: dict, images: str, output: str, threads: int) -> None:
    import torch

    from seedbed.features.extract import extract, load_extractor

    torch.set_num_threads(threads)
    extract(images, output, load_extractor(entry["kind"], entry["source"]))


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.extractor,
        snakemake.input.images,
        snakemake.output.features,
        snakemake.threads,
    )
