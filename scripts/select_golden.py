"""Choose the golden seeds on Set 1."""

from dataclasses import asdict

from seedbed import logs, store


def main(seeds: str, prompts: str, share: float, golden: str) -> None:
    from seedbed.seeds.golden import select

    frame = store.read_table(seeds)
    on = frame[frame["split"] == "set1"].set_index("seed")
    table = store.read_table(prompts)
    chosen = asdict(select(on["fd"], on["preference"], share))
    used = table.loc[table["split"] == "set1", "prompt_id"].tolist()
    store.write_json(chosen | {"selection_prompts": used}, golden)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.input.seeds,
        snakemake.input.prompts,
        snakemake.params.share,
        snakemake.output.golden,
    )
