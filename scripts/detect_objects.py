"""Detect objects in the images of one arm."""

from seedbed import logs


def main(detector: dict, images: str, detections: str, threads: int) -> None:
    import torch

    from seedbed.features.detect import detect, load_entry

    torch.set_num_threads(threads)
    detect(images, detections, load_entry(detector))


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.detector,
        snakemake.input.images,
        snakemake.output.detections,
        snakemake.threads,
    )
