"""Put together the prompts that every seed draws besides those of its studies."""

from seedbed import job, store


def main(sources: list[str], drawn: list[str], library: str) -> None:
    from seedbed.prompts.splits import others
    from seedbed.prompts.table import read

    store.write_table(others([read(path) for path in sources], map(read, drawn)), library)


if "snakemake" in globals():
    job.run(snakemake, main)
