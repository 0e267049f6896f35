"""Tell which seeds paint text, in removal and in completion."""

from seedbed import job, store


def main(shares: list[str], modes: list[str], statistics: dict, seeds: str, evidence: str) -> None:
    import pandas as pd

    from seedbed.good_seed.text_seeds import COLUMNS, study

    parts = [store.read_table(path, COLUMNS, finite=["share", "input_share"]) for path in shares]
    table, found = study(pd.concat(parts, ignore_index=True), modes, statistics)
    store.write_table(table, seeds)
    store.write_json(found, evidence)


if "snakemake" in globals():
    job.run(snakemake, main)
