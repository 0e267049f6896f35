"""Choose the prompts on which diverse seeds are tried: none that chose a seed."""

from seedbed import job, store


def main(judging: str, source: str, survey: str, counts: dict, seed: int, prompts: str) -> None:
    from seedbed.good_seed.diversity_trial import trial_prompts
    from seedbed.prompts.table import read

    store.write_table(
        trial_prompts(read(judging), read(source), read(survey), counts, seed), prompts
    )


if "snakemake" in globals():
    job.run(snakemake, main)
