"""Draw Figure 3: one prompt of each kind with the first seeds, for every model."""

from seedbed import logs, store


def main(models: list[str], images: list[str], prompts: list[str], output: tuple) -> None:
    from seedbed.report import image_figures, style

    shards = dict(zip(models, images, strict=True))
    figure = image_figures.prompt_kinds(shards, store.read_table(prompts[0]))
    style.save(figure, *output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.models,
        snakemake.input.images,
        snakemake.input.prompts,
        (snakemake.output.png, snakemake.output.pdf),
    )
