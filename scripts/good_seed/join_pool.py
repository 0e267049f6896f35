"""Join what all ranges of seeds add to the statistics of all ranking images."""

from seedbed import job, store


def main(gathered: list[str], reference: str, pool: str) -> None:
    from seedbed.good_seed.pool import join

    _, real = store.read_features([reference])
    parts = (store.read_tensors(path)[0] for path in gathered)
    store.write_tensors(pool, join(parts, real["features"]), {})


if "snakemake" in globals():
    job.run(snakemake, main)
