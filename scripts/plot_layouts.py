"""Draw what the layout comparison shows: methods, layers, property tests, latents."""

from seedbed import logs, store


def main(
    labels: dict[str, str],
    layer: str,
    statistics: dict,
    sources: dict,
    outputs: list[tuple[str, str]],
) -> None:
    import pandas as pd

    from seedbed.report import layout_figures as figures
    from seedbed.report import style

    level = statistics["interval"]
    paper = pd.read_csv(sources["paper"])
    objects = store.read_table(sources["objects"])
    first = objects[objects["confidence"] == objects["confidence"].max()]
    semi, sd = (first[first["arm"] == arm] for arm in ("semi", "sd"))
    drawn = [
        figures.methods_figure(labels, store.read_table(sources["levels"]), paper, level),
        figures.layers_figure(
            store.read_table(sources["layers"]),
            layer,
            statistics["bootstrap"],
            statistics["statistics_seed"],
            level,
        ),
        figures.properties_figure(
            store.read_table(sources["properties"]), pd.read_csv(sources["properties_table"])
        ),
        figures.moments_figure(
            semi,
            sd,
            store.read_table(sources["construction"]),
            statistics["bootstrap"],
            statistics["statistics_seed"],
            level,
        ),
    ]
    for figure, paths in zip(drawn, outputs, strict=True):
        style.save(figure, *paths)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    out = snakemake.output
    main(
        snakemake.params.labels,
        snakemake.params.layer,
        snakemake.params.statistics,
        dict(snakemake.input.items()),
        [
            (out.methods, out.methods_pdf),
            (out.layers, out.layers_pdf),
            (out.properties, out.properties_pdf),
            (out.moments, out.moments_pdf),
        ],
    )
