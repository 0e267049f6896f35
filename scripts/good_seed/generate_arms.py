"""Generate the test images of all arms of the golden-seed trial, each picture once."""

from seedbed import job, store


def main(model: dict, trial: dict, golden: str, prompts: str, images: str, pairs: str) -> None:
    from seedbed.good_seed.trial_seeds import arm_pairs, arms_of, read_golden
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.generate import generate

    pool = range(trial["pool"]["start"], trial["pool"]["stop"])
    table, chosen = store.read_table(prompts, ["prompt_id", "text"]), read_golden(golden, pool)
    arms = arms_of(chosen, pool, trial["fresh"], trial["trials"], trial["seed"])
    drawn = arm_pairs(arms, table["prompt_id"].tolist(), trial["seed"])
    once = drawn[["seed", "prompt_id"]].drop_duplicates(ignore_index=True)
    generate(Drawing.of(model), once, table, images, trial["encoding"])
    store.write_table(drawn, pairs)


if "snakemake" in globals():
    job.run(snakemake, main)
