"""Score every seed on Set 1 and Set 2."""

from seedbed import logs, store


def main(
    prompts: str,
    features: list[str],
    scores: list[str],
    reference: str,
    statistics: dict,
    seeds: str,
    evidence: str,
) -> None:
    import pandas as pd

    from seedbed.seeds.study import score

    index, arrays = store.read_features(features)
    real = store.read_features([reference])[1]["features"]
    frame, found = score(
        store.read_table(prompts),
        index,
        arrays["features"],
        pd.concat([store.read_table(s) for s in scores], ignore_index=True),
        real,
        statistics,
    )
    store.write_table(frame, seeds)
    store.write_json(found, evidence)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.input.prompts,
        snakemake.input.features,
        snakemake.input.scores,
        snakemake.input.reference,
        snakemake.params.statistics,
        snakemake.output.seeds,
        snakemake.output.evidence,
    )
