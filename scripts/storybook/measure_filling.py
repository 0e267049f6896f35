"""Measure how often an inpainting model removes and completes what it is asked to."""

from seedbed import job, store


def main(name: str, model: dict, modes: dict, quality: dict, judge: dict, rows: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.sampling.drawing import Drawing
    from seedbed.storybook.filling_quality import filling_quality

    detector = registry.load("detectors", judge, "storybook-yolo")
    count, seed = quality["prompts_per_kind"], quality["seed"]
    found = filling_quality(Drawing.of(model), detector, modes, count, seed)
    store.write_table(found.assign(model=name), rows)


if "snakemake" in globals():
    job.run(snakemake, main)
