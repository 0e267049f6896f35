"""Measure how often a model draws the prompted objects in the prompted colours."""

from seedbed import logs, store


def main(name: str, entry: dict, quality: dict, judge: str, output: str, threads: int) -> None:
    import pandas as pd

    from seedbed.features.storybook_net import StorybookNet
    from seedbed.sampling.entry import load_entry
    from seedbed.storybook.quality import prompt_quality

    model, sampler = load_entry(entry, threads)
    rows = prompt_quality(
        model,
        sampler,
        StorybookNet.load(judge),
        quality["prompts_per_kind"],
        quality["seed"],
        entry["batch"],
    )
    store.write_table(pd.DataFrame(rows).assign(model=name), output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.wildcards.model,
        snakemake.params.model,
        snakemake.params.quality,
        snakemake.params.judge,
        snakemake.output.rows,
        snakemake.threads,
    )
