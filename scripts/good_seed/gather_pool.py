"""What the images of a range of seeds add to the statistics of all ranking images."""

from seedbed import job, store


def main(prompts: str, features: list[str], seeds: list[int], study: dict, gathered: str) -> None:
    from seedbed.good_seed.pool import Cells, gather

    cells = Cells.of(range(*study["pool"]), store.read_table(prompts, ["prompt_id", "split"]))
    mapped = store.MappedFeatures(features)
    if len(mapped) != len(seeds) * len(cells.prompt_ids):
        raise store.StoreError(
            f"{len(mapped)} pictures were measured, {len(seeds)} seeds with "
            f"{len(cells.prompt_ids)} prompts asked for: {store.AGAIN}"
        )
    rows = cells.rows(mapped, seeds)
    found = gather(rows, cells, study["kernel_sample"], study["seed"])
    store.write_tensors(gathered, found, {})


if "snakemake" in globals():
    job.run(snakemake, main)
