"""Detect objects, and text where the detector knows it, in every image of a shard."""

from seedbed import job


def main(name: str, entry: dict, images: str, detections: str, looked_at: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.evaluators.shards import detect

    detect(images, detections, looked_at, registry.load("detectors", entry, name))


if "snakemake" in globals():
    job.run(snakemake, main)
