"""Draw Figures 4 to 7: scenes from random and from constructed noise."""

from seedbed import logs, store


def main(images: str, scenes: str, outputs: dict[str, tuple[str, str]]) -> None:
    import numpy as np

    from seedbed.report import style
    from seedbed.report.scene_figures import scene_grid

    arrays, table = np.load(images), store.read_table(scenes)
    for name, paths in outputs.items():
        style.save(scene_grid(name, arrays, table), *paths)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.input.images,
        snakemake.input.scenes,
        {
            "4": (snakemake.output.fig4, snakemake.output.fig4_pdf),
            "5": (snakemake.output.fig5, snakemake.output.fig5_pdf),
            "6": (snakemake.output.fig6, snakemake.output.fig6_pdf),
            "7": (snakemake.output.fig7, snakemake.output.fig7_pdf),
        },
    )
