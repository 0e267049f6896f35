"""Judge golden, random and fresh seeds on prompts that chose none of them."""

from seedbed import logs, store


def main(
    arms: tuple[str, ...],
    golden: str,
    prompts: str,
    pairs: str,
    features: str,
    scores: str,
    reference: str,
    statistics: dict,
    trials: str,
    differences: str,
) -> None:
    from seedbed.seeds.golden import assert_fair
    from seedbed.seeds.judge import judge

    table = store.read_table(prompts)
    assert_fair(store.read_json(golden)["selection_prompts"], table["prompt_id"].tolist())
    index, arrays = store.read_features([features])
    found, differ = judge(
        arms,
        table,
        store.read_table(pairs),
        index,
        arrays["features"],
        store.read_table(scores),
        store.read_features([reference])[1]["features"],
        statistics,
    )
    store.write_table(found, trials)
    store.write_table(differ, differences)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        tuple(snakemake.params.arms),
        snakemake.input.golden,
        snakemake.input.prompts,
        snakemake.input.pairs,
        snakemake.input.features,
        snakemake.input.scores,
        snakemake.input.reference,
        snakemake.params.statistics,
        snakemake.output.trials,
        snakemake.output.differences,
    )
