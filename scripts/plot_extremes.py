"""Draw Figure 5: pictures of the best and worst seeds by each score on Set 1."""

from seedbed import logs, store


def main(
    model: str, figure: dict, metrics: dict, seeds: str, prompts: str, images: list[str], output
) -> None:
    from seedbed.report import image_figures, style

    scores = store.read_table(seeds)
    table = store.read_table(prompts)
    drawn = image_figures.best_and_worst(
        model,
        scores[scores["split"] == "set1"],
        table[table["split"] == "set1"],
        images,
        metrics,
        figure["seeds"],
        figure["prompts"],
    )
    style.save(drawn, *output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.wildcards.model,
        snakemake.params.figure,
        snakemake.params.metrics,
        snakemake.input.seeds,
        snakemake.input.prompts,
        snakemake.input.images,
        (snakemake.output.png, snakemake.output.pdf),
    )
