"""Judge golden, random and fresh seeds on prompts that chose none of them."""

from seedbed import job, store


def main(
    golden: str,
    prompts: str,
    pairs: str,
    features: list[str],
    scores: list[str],
    statistics: dict,
    judged: list[str],
) -> None:
    from seedbed.good_seed.golden import assert_fair
    from seedbed.good_seed.judge import judge
    from seedbed.good_seed.study import Measured

    table = store.read_table(prompts)
    assert_fair(store.read_json(golden)["selection_prompts"], table["prompt_id"].tolist())
    measured = Measured.read(features[:1], scores, features[1:])
    for frame, path in zip(
        judge(table, store.read_table(pairs), measured, statistics), judged, strict=True
    ):
        store.write_table(frame, path)


if "snakemake" in globals():
    job.run(snakemake, main)
