"""Choose the golden seeds on Set 1."""

from dataclasses import asdict

from seedbed import job, store


def main(seeds: str, prompts: str, share: float, golden: str) -> None:
    from seedbed.good_seed.golden import select_on, spreads

    frame = store.read_table(seeds, ["seed", "split"])
    table = store.read_table(prompts, ["prompt_id", "split"])
    used = table.loc[table["split"] == "set1", "prompt_id"].tolist()
    chosen = asdict(select_on(frame, "set1", share))
    store.write_json(chosen | {"spread": spreads(frame), "selection_prompts": used}, golden)


if "snakemake" in globals():
    job.run(snakemake, main)
