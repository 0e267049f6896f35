"""Measure a range of seeds by the features of their ranking images, seed by seed."""

from seedbed import job, store


def main(
    prompts: str,
    features: list[str],
    reference: str,
    pool: str,
    seeds: list[int],
    study: dict,
    measured: str,
) -> None:
    from seedbed.good_seed.pool import Cells
    from seedbed.good_seed.seed_rows import measure

    cells = Cells.of(range(*study["pool"]), store.read_table(prompts, ["prompt_id", "split"]))
    rows = cells.rows(store.MappedFeatures(features), seeds)
    joined, _ = store.map_tensors(pool)
    _, real = store.read_features([reference])
    found = measure(rows, cells, joined, real["features"], study["seed"])
    store.write_tensors(measured, found, {"n_reference": str(len(real["features"]) // 2)})


if "snakemake" in globals():
    job.run(snakemake, main)
