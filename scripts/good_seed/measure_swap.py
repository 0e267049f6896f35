"""How far exchanged latents and step noise move pictures, in grey levels and in features."""

from seedbed import job, store


def main(evaluator: dict, statistics: dict, rows: str, images: str, effects: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.good_seed import swap_effects
    from seedbed.sampling.seed_swap import KEYS

    one = evaluator["extractor"]
    extractor = registry.load(one["role"], one["entry"], one["name"]) if one else None
    pictures = store.read_arrays(images, ["images"])["images"]
    vectors = swap_effects.vectors_of(pictures, extractor)
    table = store.read_table(rows, KEYS)
    store.write_table(swap_effects.effects(table, vectors, statistics), effects)


if "snakemake" in globals():
    job.run(snakemake, main)
