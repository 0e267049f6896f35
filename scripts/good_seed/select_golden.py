"""Choose the golden seeds on Set 1."""

from dataclasses import asdict

from seedbed import job, store


def main(seeds: str, prompts: str, share: float, golden: str) -> None:
    from seedbed.good_seed.golden import select

    frame = store.read_table(seeds, ["seed", "split"])
    on = frame[frame["split"] == "set1"].set_index("seed")
    table = store.read_table(prompts, ["prompt_id", "split"])
    chosen = asdict(select(on.get("fd"), on.get("preference"), share))
    used = table.loc[table["split"] == "set1", "prompt_id"].tolist()
    store.write_json(chosen | {"selection_prompts": used}, golden)


if "snakemake" in globals():
    job.run(snakemake, main)
