"""Score every seed on Set 1 and Set 2; of what features said, the exchanged labels come last."""

from seedbed import job, store


def main(
    prompts: str,
    ranked: list[str],
    scores: list[str],
    study: dict,
    seeds: str,
    per_image: str,
    evidence: str,
) -> None:
    from seedbed.good_seed.study import Measured, Ranked, score

    pool = range(*study["pool"])
    read = Ranked.read(ranked[:-1], ranked[-1], pool) if ranked else None
    frame, images, found = score(
        store.read_table(prompts, ["prompt_id", "split"]),
        Measured.scored(scores, read),
        pool,
        study["statistics"],
        study["scored"],
    )
    store.write_table(frame, seeds)
    store.write_table(images, per_image)
    store.write_json(found, evidence)


if "snakemake" in globals():
    job.run(snakemake, main)
