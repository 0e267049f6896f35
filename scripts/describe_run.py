"""Describe a finished run as an RO-Crate: what it holds and what made it."""

from seedbed import job, store


def main(run: str, files: list[str], written: str, crate: str) -> None:
    from pathlib import Path

    from seedbed.provenance.citation import citation, config_digest
    from seedbed.render.crate import crate_of
    from seedbed.run import BASE, Run

    cited = citation(run, config_digest(store.read_json(written)), BASE)
    found = crate_of([*files, written], Path(Run(run).folder), cited, BASE / "CITATION.cff")
    store.write_json(found, crate)


if "snakemake" in globals():
    job.run(snakemake, main)
