"""Measure the detectors of habits on scenes whose habit is known."""

from seedbed import job, store


def main(thresholds: dict, confidence: float, detector: dict, quality: dict, rows: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.storybook.habit_scenes import detector_quality

    reader = registry.load("detectors", detector, "storybook-yolo")
    found = detector_quality(thresholds, reader, confidence, quality["scenes"], quality["seed"])
    store.write_table(found, rows)


if "snakemake" in globals():
    job.run(snakemake, main)
