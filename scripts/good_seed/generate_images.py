"""Generate the images of a range of seeds for every ranking prompt."""

from seedbed import job, store


def main(model: dict, seeds: list[int], encoding: str, prompts: str, images: str) -> None:
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.generate import generate, grid_pairs

    table = store.read_table(prompts)
    pairs = grid_pairs(seeds, table["prompt_id"])
    generate(Drawing.of(model), pairs, table, images, encoding)


if "snakemake" in globals():
    job.run(snakemake, main)
