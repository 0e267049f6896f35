"""Write the evidence behind the golden seeds as CSV, Markdown and LaTeX."""

from seedbed import logs, store


def main(
    beside: dict,
    golden: list[str],
    evidence: list[str],
    seeds: list[str],
    paper: str,
    outputs: tuple[str, str, str],
) -> None:
    import pandas as pd

    from seedbed.report.evidence_table import EVIDENCE_CAPTION, evidence_table
    from seedbed.report.tables import write

    models = beside["models"]
    full, printed = evidence_table(
        models,
        beside["metrics"],
        dict(zip(models, map(store.read_json, evidence), strict=True)),
        dict(zip(models, map(store.read_json, golden), strict=True)),
        dict(zip(models, map(store.read_table, seeds), strict=True)),
        pd.read_csv(paper),
    )
    write(full, printed, EVIDENCE_CAPTION, "tab:evidence", *outputs)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.beside,
        snakemake.input.golden,
        snakemake.input.evidence,
        snakemake.input.seeds,
        snakemake.input.paper,
        (snakemake.output.csv, snakemake.output.markdown, snakemake.output.latex),
    )
