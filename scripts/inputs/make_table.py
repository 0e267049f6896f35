"""Make one set of prompts or layouts from its config entry."""

from seedbed import inputs, job, store


def main(section: str, name: str, entry: dict, exclude: list[str], table: str) -> None:
    taken = [i for path in exclude for i in store.read_table(path)["layout_id"].unique()]
    made = inputs.make(section, entry | ({"excluded": taken} if taken else {}), name)
    store.write_table(made, table)


if "snakemake" in globals():
    job.run(snakemake, main)
