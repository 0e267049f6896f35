"""Score every seed on Set 1 and Set 2; of the features, the real images' come last."""

from seedbed import job, store


def main(
    prompts: str,
    features: list[str],
    scores: list[str],
    study: dict,
    seeds: str,
    per_image: str,
    evidence: str,
) -> None:
    from seedbed.good_seed.study import Measured, score

    frame, images, found = score(
        store.read_table(prompts, ["prompt_id", "split"]),
        Measured.read(features[:-1], scores, features[-1:]),
        range(study["pool"]["start"], study["pool"]["stop"]),
        study["statistics"],
    )
    store.write_table(frame, seeds)
    store.write_table(images, per_image)
    store.write_json(found, evidence)


if "snakemake" in globals():
    job.run(snakemake, main)
