"""Fill the masked part of every picture with a range of seeds."""

from seedbed import job, store


def main(
    model: dict, seeds: list[int], encoding: str, pairs: str, prompts: str, images: str
) -> None:
    from seedbed.masked_photos import COLUMNS
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.inpaint import inpaint

    tasks = store.read_table(prompts, ("prompt_id", "text", "pair_id"))
    inpaint(Drawing.of(model), seeds, tasks, store.read_table(pairs, COLUMNS), images, encoding)


if "snakemake" in globals():
    job.run(snakemake, main)
