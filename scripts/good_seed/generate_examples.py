"""Generate the first seeds with one prompt of each kind."""

from seedbed import job, store


def main(
    model: dict, n_seeds: int, encoding: str, prompts: list[str], images: str, chosen: str
) -> None:
    import pandas as pd

    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.generate import generate, grid_pairs

    table = pd.concat([store.read_table(t).tail(1) for t in prompts], ignore_index=True)
    pairs = grid_pairs(range(n_seeds), table["prompt_id"])
    generate(Drawing.of(model), pairs, table, images, encoding)
    store.write_table(table, chosen)


if "snakemake" in globals():
    job.run(snakemake, main)
