"""Generate the test images of golden, random and fresh seeds, one seed per prompt and trial."""

from seedbed import logs, store


def main(
    entry: dict,
    arms: tuple[str, ...],
    golden: str,
    prompts: str,
    pool: dict,
    fresh: int,
    trials: int,
    seed: int,
    encoding: str,
    images: str,
    pairs: str,
    threads: int,
) -> None:
    from seedbed.sampling.entry import load_entry
    from seedbed.sampling.generate import generate
    from seedbed.seeds.arms import arm_pairs, arm_seeds

    table = store.read_table(prompts)
    chosen, ranked = store.read_json(golden), range(pool["start"], pool["stop"])
    drawn = arm_pairs(
        {arm: arm_seeds(arm, chosen, ranked, fresh, seed) for arm in arms}, table, trials, seed
    )
    model, sampler = load_entry(entry, threads)
    generate(
        model,
        sampler,
        drawn[["seed", "prompt_id"]].drop_duplicates(ignore_index=True),
        table,
        images,
        stream=entry["noise"],
        encoding=encoding,
        batch=entry["batch"],
    )
    store.write_table(drawn, pairs)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        tuple(snakemake.params.arms),
        snakemake.input.golden,
        snakemake.input.prompts,
        snakemake.params.pool,
        snakemake.params.fresh,
        snakemake.params.trials,
        snakemake.params.seed,
        snakemake.params.encoding,
        snakemake.output.images,
        snakemake.output.pairs,
        snakemake.threads,
    )
