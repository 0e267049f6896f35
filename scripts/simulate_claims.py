"""Try the ledger's verdicts on many worlds whose truth is known, and write the table."""

from seedbed import job


def main(worlds: int, seed: int, files: list[str]) -> None:
    from seedbed.render import simulated_claims, tables

    table = simulated_claims.table(simulated_claims.simulated(worlds, seed))
    tables.write(table, simulated_claims.CAPTION, "tab:simulated_claims", files)


if "snakemake" in globals():
    job.run(snakemake, main)
