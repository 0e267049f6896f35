"""Draw Figure 6 or 7: per-seed scores sorted on Set 1, on both prompt sets."""

from seedbed import logs, store


def main(
    metric: str, metrics: dict, models: list[str], seeds: list[str], evidence: list[str], output
) -> None:
    from seedbed.report import ranking_figures, style

    figure = ranking_figures.ranking(
        dict(zip(models, map(store.read_table, seeds), strict=True)),
        dict(zip(models, map(store.read_json, evidence), strict=True)),
        metric,
        metrics[metric],
        lower_is_better=metric == "fd",
    )
    style.save(figure, *output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.wildcards.figure.split("_")[-1],
        snakemake.params.metrics,
        snakemake.params.models,
        snakemake.input.seeds,
        snakemake.input.evidence,
        (snakemake.output.png, snakemake.output.pdf),
    )
