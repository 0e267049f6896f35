"""Make one prompt set from its config entry."""

from seedbed import logs, store


def main(entry: dict, name: str, output: str) -> None:
    if entry["kind"].startswith("storybook_"):
        from seedbed.storybook.prompts import make_prompts
    else:
        from seedbed.prompts.sources import make_prompts
    store.write_table(make_prompts(entry, name), output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(snakemake.params.entry, snakemake.wildcards.prompt_set, snakemake.output.table)
