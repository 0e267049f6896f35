"""Choose golden seeds on one ranking set and judge them on the other, and back."""

from seedbed import job, store


def main(
    prompts: str,
    seeds: str,
    features: list[str],
    ranked: list[str],
    scores: list[str],
    study: dict,
    judged: list[str],
) -> None:
    from seedbed.good_seed.crossfit import crossfit
    from seedbed.good_seed.study import Measured

    table = store.read_table(prompts, ["prompt_id", "split"])
    per_seed = store.read_table(seeds, ["seed", "split"])
    measured = Measured.mapped(features[:-1], scores, features[-1:], ranked)
    share, statistics = study["share"], study["statistics"]
    found = crossfit(table, measured, per_seed, share, statistics, study["scored"])
    for frame, path in zip(found, judged, strict=True):
        store.write_table(frame, path)


if "snakemake" in globals():
    job.run(snakemake, main)
