"""Measure what the pixels of every image of a shard alone tell."""

from seedbed import job, store


def main(thresholds: dict, images: str, attributes: str) -> None:
    from seedbed.good_seed.attributes import of_shard

    store.write_table(of_shard(images, thresholds), attributes)


if "snakemake" in globals():
    job.run(snakemake, main)
