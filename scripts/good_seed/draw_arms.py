"""Draw the seeds of all arms of the golden-seed trial."""

from seedbed import job, store


def main(trial: dict, golden: str, prompts: str, pairs: str) -> None:
    from seedbed.good_seed.trial_seeds import arm_pairs, arms_of, read_golden

    pool = range(trial["pool"]["start"], trial["pool"]["stop"])
    table, chosen = store.read_table(prompts, ["prompt_id", "text"]), read_golden(golden, pool)
    arms = arms_of(chosen, pool, trial["fresh"], trial["trials"], trial["seed"])
    store.write_table(arm_pairs(arms, table["prompt_id"].tolist(), trial["seed"]), pairs)


if "snakemake" in globals():
    job.run(snakemake, main)
