"""Diverse seeds from every first seed, chosen on half of the survey and judged on the other."""

from seedbed import job, store


def main(aim: str, measured: list[str], survey: str, settings: dict, crossfitted: str) -> None:
    from seedbed.good_seed import diversity_judge
    from seedbed.good_seed.diverse import Points

    ids = store.read_table(survey, ["prompt_id"])["prompt_id"].tolist()
    points = Points.read(aim, measured, ids)
    found = diversity_judge.crossfitted(
        points, aim, settings["count"], settings["statistics"], settings["margins"]
    )
    store.write_table(found, crossfitted)


if "snakemake" in globals():
    job.run(snakemake, main)
