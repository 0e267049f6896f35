"""Put the real pictures that the Fréchet distance compares with into an image shard."""

from seedbed import inputs, job, store


def main(name: str, entry: dict, encoding: str, images: str) -> None:
    with store.atomic(images) as partial, store.ImageShardWriter(partial, encoding) as shard:
        for ids, pictures in inputs.make("references", entry, name):
            # Of no seed and no latent.
            shard.add([-1] * len(ids), ids, pictures, [""] * len(ids))


if "snakemake" in globals():
    job.run(snakemake, main)
