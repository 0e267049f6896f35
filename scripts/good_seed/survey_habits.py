"""Count the habits of every seed of a survey, beside what chance gives."""

from seedbed import job, store


def main(
    study: dict,
    attributes: list[str],
    detections: list[str],
    looked_at: list[str],
    prompts: str,
    seeds: str,
    summary: str,
) -> None:
    from seedbed.good_seed import habits

    ids = store.read_table(prompts, ["prompt_id"])["prompt_id"].tolist()
    text = habits.lettering(detections, looked_at, study["confidence"]) if detections else None
    rows, found = habits.survey(habits.read(attributes), text, ids, study["statistics"])
    store.write_table(rows, seeds)
    store.write_table(found, summary)


if "snakemake" in globals():
    job.run(snakemake, main)
