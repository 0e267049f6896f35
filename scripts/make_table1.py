"""Write Table 1 of Good Seed as CSV, Markdown and LaTeX."""

from seedbed import logs, store


def main(
    beside: dict,
    parts: dict,
    level: float,
    trials: list[str],
    differences: list[str],
    paper: str,
    outputs: tuple[str, str, str],
) -> None:
    import pandas as pd

    from seedbed.report.golden_tables import table1, table1_caption
    from seedbed.report.tables import write

    judged = {
        model: (store.read_table(t), store.read_table(d))
        for model, t, d in zip(beside["models"], trials, differences, strict=True)
    }
    full, printed = table1(beside["models"], beside["metrics"], parts, judged, pd.read_csv(paper))
    write(full, printed, table1_caption(level), "tab:golden", *outputs)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.beside,
        snakemake.params.parts,
        snakemake.params.level,
        snakemake.input.trials,
        snakemake.input.differences,
        snakemake.input.paper,
        (snakemake.output.csv, snakemake.output.markdown, snakemake.output.latex),
    )
