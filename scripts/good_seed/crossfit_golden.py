"""Choose golden seeds on one ranking set and judge them on the other; cost of one fixed seed."""

from dataclasses import replace

from seedbed import job, store


def main(
    prompts: str,
    seeds: str,
    features: list[str],
    scores: list[str],
    study: dict,
    judged: list[str],
    cost: str,
) -> None:
    from seedbed.good_seed.crossfit import crossfit
    from seedbed.good_seed.fixed_seed import fixed_seed_cost
    from seedbed.good_seed.judge import judging_half
    from seedbed.good_seed.study import Measured

    table = store.read_table(prompts, ["prompt_id", "split"])
    per_seed = store.read_table(seeds, ["seed", "split"])
    real, own = features[-1:], features[:-1]
    measured = Measured.read(own, scores, real)
    if measured.reference is not None:
        measured = replace(measured, reference=judging_half(measured.reference))
    found = crossfit(table, measured, per_seed, study["share"], study["statistics"])
    for frame, path in zip(found, judged, strict=True):
        store.write_table(frame, path)
    pool = range(study["pool"]["start"], study["pool"]["stop"])
    ids = table["prompt_id"].tolist()
    store.write_table(fixed_seed_cost(ids, measured, pool, study["statistics"]), cost)


if "snakemake" in globals():
    job.run(snakemake, main)
