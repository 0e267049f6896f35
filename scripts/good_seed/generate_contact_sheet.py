"""Generate the pictures of a contact sheet: the first seeds with the first transfer prompts."""

from seedbed import job, store


def main(model: dict, sheet: dict, prompts: str, images: str) -> None:
    from seedbed.prompts.table import first_prompts
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.generate import draw_grid

    table = first_prompts(store.read_table(prompts, ["prompt_id", "text"]), sheet["prompts"])
    draw_grid(Drawing.of(model), range(sheet["seeds"]), table, images)


if "snakemake" in globals():
    job.run(snakemake, main)
