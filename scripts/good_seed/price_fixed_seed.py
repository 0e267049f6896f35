"""What it costs to draw all prompts with one seed, from the ranking images themselves."""

from seedbed import job, store


def main(prompts: str, features: list[str], scores: list[str], study: dict, cost: str) -> None:
    from seedbed.good_seed.fixed_seed import fixed_seed_cost
    from seedbed.good_seed.pool import SETS, Cells
    from seedbed.good_seed.study import Measured

    table = store.read_table(prompts, ["prompt_id", "split"])
    cells = Cells.of(range(*study["pool"]), table).first(**study["exchanged"])
    measured = Measured.some(features[:-1], scores, features[-1:], cells)
    scored = [p for name in SETS for p in cells.ids(name)[: study["scored"]]]
    found = fixed_seed_cost(cells.prompt_ids, measured, cells.seeds, study["statistics"], scored)
    store.write_table(found, cost)


if "snakemake" in globals():
    job.run(snakemake, main)
