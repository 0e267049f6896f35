"""Choose diverse seeds of each trial from the survey, by style and by composition."""

from seedbed import job, store


def main(
    style: list[str],
    composition: list[str],
    survey: str,
    diversity: dict,
    seed: int,
    diverse: str,
) -> None:
    import numpy as np

    from seedbed.good_seed.diverse import Points, select
    from seedbed.good_seed.diversity_arms import COMPOSITION, STYLE

    ids = store.read_table(survey, ["prompt_id"])["prompt_id"].tolist()
    chosen: dict = {"selection_prompts": ids}
    for place, (aim, paths) in enumerate(((STYLE, style), (COMPOSITION, composition))):
        if paths:
            points = Points.read(aim, paths, ids)
            rng = np.random.default_rng([seed, place])
            chosen[aim] = select(points, aim, diversity["count"], diversity["trials"], rng)
    store.write_json(chosen, diverse)


if "snakemake" in globals():
    job.run(snakemake, main)
