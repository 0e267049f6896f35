"""The gap between best and worst seed by distance, beside exchanged labels."""

from seedbed import job, store


def main(prompts: str, features: list[str], reference: str, study: dict, gaps: str) -> None:
    from seedbed.good_seed.pool import SETS, Cells
    from seedbed.good_seed.study import exchanged

    table = store.read_table(prompts, ["prompt_id", "split"])
    cells = Cells.of(range(*study["pool"]), table).first(**study["exchanged"])
    cube = cells.cube(store.MappedFeatures(features))
    _, real = store.read_features([reference])
    cubes = {name: cube[:, cells.places(name)] for name in SETS}
    found = exchanged(cubes, real["features"], study["permutations"], study["seed"])
    told = {
        name: {"observed": gap.observed, "null": gap.null.tolist(), "of": gap.of}
        for name, gap in found.items()
    }
    store.write_json(told, gaps)


if "snakemake" in globals():
    job.run(snakemake, main)
