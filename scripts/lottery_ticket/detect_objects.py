"""Detect objects in the images of every arm."""

from seedbed import job, store


def main(
    name: str,
    entry: dict,
    images: list[str],
    detections: list[str],
    looked_at: list[str],
    about: str,
) -> None:
    from seedbed.evaluators import registry
    from seedbed.evaluators.shards import detect

    detector = registry.load("detectors", entry, name)
    for shard, boxes, seen in zip(images, detections, looked_at, strict=True):
        detect(shard, boxes, seen, detector)
    store.write_json({"classes": list(detector.names)} | detector.metadata, about)


if "snakemake" in globals():
    job.run(snakemake, main)
