"""Write what an inpainting model is asked of every picture, in every mode."""

from seedbed import job, store


def main(modes: dict, pairs: str, prompts: str) -> None:
    from seedbed.masked_photos import COLUMNS
    from seedbed.sampling.inpaint import filling_prompts

    store.write_table(filling_prompts(store.read_table(pairs, COLUMNS), modes), prompts)


if "snakemake" in globals():
    job.run(snakemake, main)
