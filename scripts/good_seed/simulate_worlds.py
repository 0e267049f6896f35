"""Try the statistics of golden seeds on many worlds of one kind."""

from seedbed import job, store


def main(kind: str, worlds: int, seed: int, rows: str) -> None:
    from seedbed.good_seed.simulate import simulate

    store.write_table(simulate(kind, worlds, seed), rows)


if "snakemake" in globals():
    job.run(snakemake, main)
