"""Make one set of prompts or layouts from its config entry."""

from seedbed import inputs, job, store


def main(section: str, name: str, entry: dict, table: str) -> None:
    store.write_table(inputs.make(section, entry, name), table)


if "snakemake" in globals():
    job.run(snakemake, main)
