"""Draw Set 1, Set 2 and the test set from one prompt table; keep the transfer set apart."""

from seedbed import job, store
from seedbed.prompts.splits import assert_disjoint, split
from seedbed.prompts.table import read


def main(source: str, transfer: str, design: dict, seed: int, ranking: str, judging: str) -> None:
    import pandas as pd

    drawn = split(read(source), design["splits"], seed)
    other = read(transfer).iloc[: design["transfer_count"]].assign(split="transfer")
    on = drawn[drawn["split"].isin(["set1", "set2"])]
    off = pd.concat([drawn[drawn["split"] == "test"], other], ignore_index=True)
    assert_disjoint(on, off)
    store.write_table(on.reset_index(drop=True), ranking)
    store.write_table(off, judging)


if "snakemake" in globals():
    job.run(snakemake, main)
