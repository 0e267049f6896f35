"""Time golden and diverse seeds against random ones, with the same model and prompts."""

from seedbed import job, store


def main(
    model: dict, study: dict, golden: str, diverse: list[str], prompts: str, seconds: str
) -> None:
    from seedbed.good_seed import seed_cost
    from seedbed.good_seed.trial_seeds import read_golden
    from seedbed.sampling.drawing import Drawing

    pool = range(study["pool"]["start"], study["pool"]["stop"])
    chosen, called = seed_cost.golden_or_best(read_golden(golden, pool))
    arms = {seed_cost.RANDOM: pool, seed_cost.GOLDEN: chosen}
    if diverse:
        arms[seed_cost.DIVERSE] = seed_cost.first_diverse(diverse[0], study["surveyed"])
    texts = store.read_table(prompts, ["text"])["text"].tolist()
    found = seed_cost.measure(Drawing.of(model), texts, arms, study)
    store.write_json(found | {"golden_are": called}, seconds)


if "snakemake" in globals():
    job.run(snakemake, main)
