"""Judge diverse seeds and Particle Guidance against random seeds: how alike their images are."""

from seedbed import job, store


def main(
    aim: str,
    groups: list[str],
    measured: list[str],
    scores: list[str],
    settings: dict,
    judged: str,
) -> None:
    from seedbed.good_seed.diverse import read_vectors
    from seedbed.good_seed.diversity_judge import judge, per_group
    from seedbed.good_seed.diversity_trial import COLUMNS

    compared = {}
    for place, (arm, path) in enumerate(zip(settings["arms"], groups, strict=True)):
        index, vectors = read_vectors(aim, [measured[place]])
        of_prompts = store.read_table(scores[place], finite=["score"]) if scores else None
        compared[arm] = per_group(store.read_table(path, COLUMNS), index, vectors, of_prompts)
    store.write_table(judge(compared, settings["statistics"], settings["margins"]), judged)


if "snakemake" in globals():
    job.run(snakemake, main)
