"""Choose how strongly images of a prompt repel each other, on held-out prompts."""

from seedbed import job, store


def main(
    model: dict,
    evaluators: dict,
    study: dict,
    prompts: str,
    others: list[str],
    rows: str,
    chosen: str,
) -> None:
    from seedbed.evaluators import registry
    from seedbed.good_seed.guidance_strength import repelling, tune
    from seedbed.prompts.splits import assert_disjoint
    from seedbed.prompts.table import first_prompts, read
    from seedbed.sampling.drawing import Drawing

    table = first_prompts(read(prompts), study["count"])
    for path in others:
        assert_disjoint(table, store.read_table(path, ["prompt_id", "text"]))

    loaded = {
        use: it and registry.load(it["role"], it["entry"], it["name"])
        for use, it in evaluators.items()
        if use != "features"
    }
    features = evaluators["features"]
    found, best = tune(
        Drawing.of(model),
        table["text"].tolist(),
        study,
        loaded["scorer"],
        loaded["extractor"],
        repelling(features),
    )
    store.write_table(found, rows)
    store.write_json(best | {"features": features and features["name"]}, chosen)


if "snakemake" in globals():
    job.run(snakemake, main)
