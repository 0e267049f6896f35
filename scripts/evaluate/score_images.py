"""Score every image of a shard against its prompt."""

from seedbed import job, store


def main(name: str, entry: dict, images: str, prompts: str, scores: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.evaluators.shards import score

    score(images, store.read_table(prompts), scores, registry.load("scorers", entry, name))


if "snakemake" in globals():
    job.run(snakemake, main)
