"""Write the complete config of a run."""

from seedbed import job, store


def main(complete: dict, written: str) -> None:
    store.write_json(complete, written)


if "snakemake" in globals():
    job.run(snakemake, main)
