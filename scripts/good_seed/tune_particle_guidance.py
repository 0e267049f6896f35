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
    from seedbed.good_seed.guidance_strength import features_of, tune
    from seedbed.prompts.splits import assert_disjoint
    from seedbed.prompts.table import first_prompts, read
    from seedbed.sampling.drawing import Drawing

    table = first_prompts(read(prompts), study["count"])
    for path in others:
        assert_disjoint(table, store.read_table(path, ["prompt_id", "text"]))

    loaded = {
        use: it and registry.load(it["role"], it["entry"], it["name"])
        for use, it in evaluators.items()
    }
    repels = evaluators["features"] and evaluators["features"]["name"]
    found, best = tune(
        Drawing.of(model),
        table["text"].tolist(),
        study,
        loaded["scorer"],
        loaded["extractor"],
        repels and features_of(loaded["features"], repels),
    )
    store.write_table(found, rows)
    store.write_json(best | {"features": repels}, chosen)


if "snakemake" in globals():
    job.run(snakemake, main)
