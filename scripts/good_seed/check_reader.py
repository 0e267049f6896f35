"""Check that the detector which looks for lettering knows text."""

from seedbed import job, store


def main(name: str, entry: dict, told: str) -> None:
    from seedbed.evaluators import registry
    from seedbed.good_seed.habits import refuse_illiterate

    refuse_illiterate(registry.load("detectors", entry, name), name)
    store.write_json({"detector": name, "reads": True}, told)


if "snakemake" in globals():
    job.run(snakemake, main)
