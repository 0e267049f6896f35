"""Detect objects in the images of every arm."""

from seedbed import logs, store


def main(
    detector: dict, images: list[str], detections: list[str], classes: str, threads: int
) -> None:
    import torch

    from seedbed.features.detect import detect, load_entry

    torch.set_num_threads(threads)
    loaded = load_entry(detector)
    for shard, output in zip(images, detections, strict=True):
        detect(shard, output, loaded)
    store.write_json(list(loaded.names), classes)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.detector,
        snakemake.input.images,
        snakemake.output.detections,
        snakemake.output.classes,
        snakemake.threads,
    )
