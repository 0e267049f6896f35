"""How much of place, size, depth and colour lies between seeds, per category and over all."""

from seedbed import job, store


def main(
    composition: list[str],
    attributes: list[str],
    prompts: str,
    statistics: dict,
    margin: float,
    shares: str,
) -> None:
    from seedbed.good_seed import composition_shares

    asked = store.read_table(prompts, ["prompt_id", "object"])
    measured = composition_shares.read_measured(composition, attributes, asked)
    store.write_table(composition_shares.shares(measured, statistics, margin), shares)


if "snakemake" in globals():
    job.run(snakemake, main)
