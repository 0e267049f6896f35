"""Generate the images of a range of seeds for a range of the ranking prompts, or all of a part."""

from seedbed import job, store


def main(
    model: dict,
    seeds: list[int],
    places: list[int] | None,
    encoding: str,
    prompts: str,
    states: str,
    images: str,
) -> None:
    from seedbed.prompts.splits import part
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.generate import generate, grid_pairs
    from seedbed.sampling.text_states import map_states

    table = store.read_table(prompts)
    pairs = grid_pairs(seeds, part(table, places)["prompt_id"])
    condition = map_states(states, len(table))
    generate(Drawing.of(model), pairs, table, images, encoding, condition)


if "snakemake" in globals():
    job.run(snakemake, main)
