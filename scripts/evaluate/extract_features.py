"""Extract the features of every image of a shard."""

from seedbed import job


def main(name: str, entry: dict, images: str, features: str, index: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.evaluators.shards import extract

    extract(images, features, registry.load("extractors", entry, name))


if "snakemake" in globals():
    job.run(snakemake, main)
