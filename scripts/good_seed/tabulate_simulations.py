"""Write the table of what the statistics find in simulated worlds."""

from seedbed import job, store


def main(rows: list[str], files: list[str]) -> None:
    import pandas as pd

    from seedbed.render import tables
    from seedbed.render.good_seed.simulations_table import CAPTION, simulations

    table = simulations(pd.concat(map(store.read_table, rows), ignore_index=True))
    tables.write(table, CAPTION, "tab:good_seed:simulations", files)


if "snakemake" in globals():
    job.run(snakemake, main)
