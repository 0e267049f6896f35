"""Make one set of captioned layouts from its config entry."""

from seedbed import logs, store


def main(entry: dict, name: str, output: str) -> None:
    if entry["kind"] == "storybook":
        from seedbed.layouts.storybook import storybook_layouts

        table = storybook_layouts(entry["one"], entry["two"], entry["seed"])
    else:
        from seedbed.layouts.sources import make_layouts

        table = make_layouts(entry, name)
    store.write_table(table, output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(snakemake.params.entry, snakemake.wildcards.layout_set, snakemake.output.table)
