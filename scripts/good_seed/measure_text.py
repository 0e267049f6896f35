"""Measure how much of what was painted anew is text, in every picture of a shard."""

from seedbed import job, store


def main(name: str, entry: dict, confidence: float, pairs: str, images: str, shares: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.good_seed.text_share import of_shard
    from seedbed.masked_photos import COLUMNS, arrays_of

    table = store.read_table(pairs, COLUMNS)
    pictures, masks = (dict(zip(table["pair_id"], part, strict=True)) for part in arrays_of(table))
    detector = registry.load("detectors", entry, name)
    store.write_table(of_shard(images, pictures, masks, detector, confidence), shares)


if "snakemake" in globals():
    job.run(snakemake, main)
