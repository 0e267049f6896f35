"""Write Table 1 or Table 2 of Lottery Ticket as CSV, Markdown and LaTeX."""

from seedbed import logs, store


def main(
    number: str,
    labels: dict[str, str],
    run: dict,
    sources: dict,
    outputs: tuple[str, str, str],
) -> None:
    import pandas as pd

    from seedbed.report import lottery_tables
    from seedbed.report.tables import write

    layouts = store.read_table(sources["layouts"])
    tuned = {
        name: store.read_json(path)
        for name, path in zip(sources["controls"], sources["tuned"], strict=True)
    }
    built = {
        arm: store.read_table(path)
        for arm, path in zip(sources["built_arms"], sources["constructions"], strict=True)
    }
    full, printed = lottery_tables.lottery_table(
        labels,
        store.read_table(sources["levels"]),
        store.read_table(sources["differences"]),
        pd.read_csv(sources["paper"]),
        built or None,
    )
    texts = {"1": lottery_tables.TABLE1, "2": lottery_tables.TABLE2}
    what = texts[number].format(stride=run["stride"])
    caption = lottery_tables.lottery_caption(what, run, layouts, tuned)
    write(full, printed, caption, f"tab:lottery{number}", *outputs)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.number,
        snakemake.params.labels,
        snakemake.params.run,
        {
            "layouts": snakemake.input.layouts,
            "levels": snakemake.input.levels,
            "differences": snakemake.input.differences,
            "paper": snakemake.input.paper,
            "tuned": snakemake.input.tuned,
            "controls": snakemake.params.controls,
            "constructions": snakemake.input.constructions,
            "built_arms": snakemake.params.built_arms,
        },
        (snakemake.output.csv, snakemake.output.markdown, snakemake.output.latex),
    )
