"""Generate the images of one arm of the trial of diverse seeds."""

from seedbed import job, store


def main(
    model: dict,
    trial: dict,
    diverse: str,
    prompts: str,
    tuned: list[str],
    images: str,
    groups: str,
) -> None:
    from seedbed.good_seed import diversity_trial as trials
    from seedbed.good_seed.diversity_arms import DIVERSE, GUIDED
    from seedbed.good_seed.guidance_strength import repelling
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.generate import generate

    table = store.read_table(prompts, ["prompt_id", "text", "split"])
    ids = table.loc[table["split"] == trial["aim"], "prompt_id"].tolist()
    pool, count = range(trial["seeds"]["start"], trial["seeds"]["stop"]), trial["count"]
    if trial["arm"] == DIVERSE:
        chosen = trials.read_diverse(diverse, pool, count)
        drawn = trials.diverse_groups(chosen[trial["aim"]]["trials"], ids)
    else:
        drawn = trials.random_groups(pool, ids, count, trial["trials"], trial["seed"])
    drawing, encoding = Drawing.of(model), trial["encoding"]
    if trial["arm"] == GUIDED:
        strength = store.read_json(tuned[0], ["coefficient"])["coefficient"]
        features = repelling(trial.get("features"))
        trials.draw_guided(drawing, drawn, table, strength, images, encoding, features)
    else:
        once = drawn[["seed", "prompt_id"]].drop_duplicates(ignore_index=True)
        generate(drawing, once, table, images, encoding)
    store.write_table(drawn, groups)


if "snakemake" in globals():
    job.run(snakemake, main)
