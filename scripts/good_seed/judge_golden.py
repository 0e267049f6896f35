"""Judge the arms of the golden-seed trial on prompts that chose none of their seeds."""

from dataclasses import replace

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
    from seedbed.good_seed.halves import judging_half
    from seedbed.good_seed.judge import judge, refuse_unfair
    from seedbed.good_seed.study import Measured

    table = store.read_table(prompts, ["prompt_id", "split"])
    drawn = store.read_table(pairs, ["arm", "trial", "seed", "prompt_id"])
    chosen = store.read_json(golden, ["seeds", "tops", "spread", "selection_prompts"])
    refuse_unfair(drawn, chosen, table["prompt_id"].tolist())
    measured = Measured.read(features[:-1], scores, features[-1:])
    if measured.reference is not None:
        measured = replace(measured, reference=judging_half(measured.reference))
    found = judge(table, drawn, measured, chosen["spread"], statistics)
    for frame, path in zip(found, judged, strict=True):
        store.write_table(frame, path)


if "snakemake" in globals():
    job.run(snakemake, main)
