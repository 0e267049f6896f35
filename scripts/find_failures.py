"""Judge every guidance box of some arms, write their failure rates, draw Figure 8."""

from seedbed import logs, store


def main(
    labels: dict[str, str],
    about: dict,
    shown: str,
    examples: int,
    confidence: float,
    statistics: dict,
    sources: dict,
    rows: str,
    table: tuple[str, str, str],
    figure: tuple[str, str],
) -> None:
    import pandas as pd

    from seedbed.metrics.failures import failure_rates, judge_objects
    from seedbed.report import style
    from seedbed.report.failure_figure import choose_failures, failure_grid
    from seedbed.report.tables import write
    from seedbed.report.ticket_tables import FAILURES_CAPTION, failures_table, with_model

    layouts = store.read_table(sources["layouts"])
    objects = store.read_table(sources["objects"])
    objects = objects[objects["confidence"] == confidence]
    judged, pictures = [], {}
    for arm, shard, found in zip(labels, sources["images"], sources["detections"], strict=True):
        pictures[arm] = {
            layout_id: image
            for columns, pixels in store.read_images(shard)
            for layout_id, image in zip(columns["prompt_id"], pixels, strict=True)
        }
        boxes = store.read_table(found).rename(columns={"prompt_id": "layout_id"})
        mine = objects[objects["arm"] == arm]
        judged.append(
            judge_objects(layouts, mine, boxes, pictures[arm], confidence).assign(arm=arm)
        )
    every = pd.concat(judged, ignore_index=True)
    store.write_table(every, rows)
    rates = failure_rates(
        every, statistics["bootstrap"], statistics["statistics_seed"], statistics["interval"]
    )
    caption = with_model(FAILURES_CAPTION, about)
    write(*failures_table(rates, labels), caption, "tab:failures", *table)
    construction = store.read_table(sources["construction"])
    chosen = choose_failures(every[every["arm"] == shown], layouts, construction, examples)
    style.save(failure_grid(chosen, pictures[shown], layouts, examples), *figure)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.labels,
        snakemake.params.about,
        snakemake.params.shown,
        snakemake.params.examples,
        snakemake.params.confidence,
        snakemake.params.statistics,
        dict(snakemake.input.items()),
        snakemake.output.rows,
        (snakemake.output.csv, snakemake.output.markdown, snakemake.output.latex),
        (snakemake.output.png, snakemake.output.pdf),
    )
