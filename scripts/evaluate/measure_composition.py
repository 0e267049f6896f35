"""Measure where, how large and how near the object of every image of a shard is."""

from seedbed import job, store


def main(segmenter: dict, depth: dict, confidence: float, images: str, prompts: str,
         composition: str) -> None:  # fmt: skip
    from seedbed.evaluators import registry
    from seedbed.evaluators.composition import measure

    looking = (
        registry.load("segmenters", segmenter["entry"], segmenter["name"]),
        registry.load("depths", depth["entry"], depth["name"]),
    )
    table = store.read_table(prompts, ["prompt_id", "object"])
    measure(images, table, composition, looking, confidence)


if "snakemake" in globals():
    job.run(snakemake, main)
