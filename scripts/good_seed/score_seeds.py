"""Score every seed on Set 1 and Set 2."""

from seedbed import job, store


def main(
    prompts: str,
    features: list[str],
    scores: list[str],
    reference: list[str],
    study: dict,
    seeds: str,
    evidence: str,
) -> None:
    from seedbed.good_seed.study import Measured, score

    frame, found = score(
        store.read_table(prompts, ["prompt_id", "split"]),
        Measured.read(features, scores, reference),
        range(study["pool"]["start"], study["pool"]["stop"]),
        study["statistics"],
    )
    store.write_table(frame, seeds)
    store.write_json(found, evidence)


if "snakemake" in globals():
    job.run(snakemake, main)
