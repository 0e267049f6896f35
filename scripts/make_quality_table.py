"""Write the quality table of the Storybook models."""

from seedbed import logs, store


def main(tables: list[str], goals: str, outputs: tuple[str, str, str]) -> None:
    import pandas as pd

    from seedbed.report.quality_table import CAPTION, quality_table
    from seedbed.report.tables import write

    rows = pd.concat([store.read_table(t) for t in tables], ignore_index=True)
    full, printed = quality_table(rows, pd.read_csv(goals))
    write(full, printed, CAPTION, "tab:quality", *outputs)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        [*snakemake.input.models, snakemake.input.evaluators],
        snakemake.input.goals,
        (snakemake.output.csv, snakemake.output.markdown, snakemake.output.latex),
    )
