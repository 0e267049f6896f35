"""Write the tables of property tests, collection cost, tuned constants and comparisons."""

from seedbed import logs, store


def main(
    statistics: dict,
    controls: list[str],
    properties: str,
    costs: list[str],
    tuning: list[str],
    differences: str,
    paper: str,
    contrasts: list[list[str]],
    labels: dict[str, str],
    about: dict,
    outputs: dict[str, tuple[str, str, str]],
) -> None:
    import pandas as pd

    from seedbed.report import ticket_tables
    from seedbed.report.tables import write

    tried = {c: store.read_table(path) for c, path in zip(controls, tuning, strict=True)}
    made = {
        "properties": (
            ticket_tables.properties_table(
                store.read_table(properties),
                statistics["bootstrap"],
                statistics["statistics_seed"],
                statistics["interval"],
            ),
            ticket_tables.PROPERTIES_CAPTION,
        ),
        "cost": (
            ticket_tables.cost_table([store.read_json(path) for path in costs]),
            ticket_tables.COST_CAPTION,
        ),
        "comparison": (
            ticket_tables.comparison_table(
                store.read_table(differences), contrasts, labels, pd.read_csv(paper)
            ),
            ticket_tables.COMPARISON_CAPTION,
        ),
        "tuning": (ticket_tables.tuning_table(tried), ticket_tables.TUNING_CAPTION),
    }
    for name, ((full, printed), caption) in made.items():
        caption = ticket_tables.with_model(caption, about)
        write(full, printed, caption, f"tab:tickets_{name}", *outputs[name])


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    out = snakemake.output
    main(
        snakemake.params.statistics,
        snakemake.params.controls,
        snakemake.input.properties,
        snakemake.input.costs,
        snakemake.input.tuning,
        snakemake.input.differences,
        snakemake.input.paper,
        snakemake.params.contrasts,
        snakemake.params.labels,
        snakemake.params.about,
        {
            "properties": (out.properties, out.properties_md, out.properties_tex),
            "comparison": (out.comparison, out.comparison_md, out.comparison_tex),
            "cost": (out.cost, out.cost_md, out.cost_tex),
            "tuning": (out.tuning, out.tuning_md, out.tuning_tex),
        },
    )
