"""Draw Figure 2: pictures of the seed swap, and the difference it makes by step."""

from seedbed import logs, store


def main(swap: dict, rows: str, images: str, grid: tuple, curve: tuple) -> None:
    import numpy as np

    from seedbed.report import image_figures, style

    table = store.read_table(rows)
    with np.load(images) as archive:
        pictures, texts = archive["images"], archive["texts"].tolist()
    figure = image_figures.swap_grid(table, pictures, 0, texts, swap["steps"], swap["seeds"])
    style.save(figure, *grid)
    style.save(image_figures.swap_curve(table, swap["steps"]), *curve)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.swap,
        snakemake.input.rows,
        snakemake.input.images,
        (snakemake.output.grid, snakemake.output.grid_pdf),
        (snakemake.output.curve, snakemake.output.curve_pdf),
    )
