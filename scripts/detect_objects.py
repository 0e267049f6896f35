"""Detect objects in the images of every arm."""

from seedbed import logs, store


def main(
    name: str,
    detector: dict,
    images: list[str],
    detections: list[str],
    about: str,
    threads: int,
) -> None:
    import torch

    from seedbed.features.detect import detect, load_entry

    torch.set_num_threads(threads)
    loaded = load_entry(detector, name)
    for shard, output in zip(images, detections, strict=True):
        detect(shard, output, loaded)
    store.write_json({"classes": list(loaded.names)} | loaded.metadata, about)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.name,
        snakemake.params.detector,
        snakemake.input.images,
        snakemake.output.detections,
        snakemake.output.about,
        snakemake.threads,
    )
