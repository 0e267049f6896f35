"""IoU and success of every guidance box of every arm, and what they add up to."""

from seedbed import logs, store


def main(
    strides: dict[str, int],
    pairs: list[tuple[str, str]],
    confidences: list[float],
    statistics: dict,
    layouts: str,
    detections: list[str],
    images: list[str],
    about: str,
    outputs: tuple[str, str, str],
) -> None:
    import pandas as pd

    from seedbed.layouts.table import every_nth
    from seedbed.metrics.arms import compare_arms
    from seedbed.metrics.boxes import objects_of

    table, known = store.read_table(layouts), store.read_json(about)["classes"]
    objects = {
        arm: objects_of(
            every_nth(table, stride), store.read_table(i), store.read_table(d), known, confidences
        )
        for (arm, stride), i, d in zip(strides.items(), images, detections, strict=True)
    }
    levels, differences = compare_arms(
        objects,
        pairs,
        statistics["bootstrap"],
        statistics["statistics_seed"],
        statistics["interval"],
    )
    every = pd.concat([o.assign(arm=arm) for arm, o in objects.items()], ignore_index=True)
    for frame, path in zip((every, levels, differences), outputs, strict=True):
        store.write_table(frame, path)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.strides,
        snakemake.params.pairs,
        snakemake.params.confidences,
        snakemake.params.statistics,
        snakemake.input.layouts,
        snakemake.input.detections,
        snakemake.input.images,
        snakemake.input.about,
        (snakemake.output.objects, snakemake.output.levels, snakemake.output.differences),
    )
