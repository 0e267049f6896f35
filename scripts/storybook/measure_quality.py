"""Measure how often a model draws the prompted objects in the prompted colours."""

from seedbed import job, store


def main(name: str, model: dict, quality: dict, judge: str, rows: str) -> None:
    import pandas as pd

    from seedbed.evaluators.extractors.storybook_net import StorybookNet
    from seedbed.sampling.drawing import Drawing
    from seedbed.storybook.quality import prompt_quality

    found = prompt_quality(
        Drawing.of(model), StorybookNet.load(judge), quality["prompts_per_kind"], quality["seed"]
    )
    store.write_table(pd.DataFrame(found).assign(model=name), rows)


if "snakemake" in globals():
    job.run(snakemake, main)
