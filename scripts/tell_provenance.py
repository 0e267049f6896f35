"""Gather what made every result of a run into one table."""

from seedbed import job, store


def main(run: str, checked: str, table: str) -> None:
    from seedbed.render.made_by_table import provenance_table
    from seedbed.run import Run

    with store.atomic(table) as partial:
        provenance_table(Run(run).path("made_by")).to_csv(partial, index=False)


if "snakemake" in globals():
    job.run(snakemake, main)
