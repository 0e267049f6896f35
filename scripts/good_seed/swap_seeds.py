"""Run the seed-swap study on a few prompts."""

from dataclasses import replace

from seedbed import job, store


def main(model: dict, swap: dict, prompts: str, rows: str, images: str) -> None:
    import pandas as pd

    from seedbed.prompts.table import first_prompts
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.seed_swap import swap_study

    table = first_prompts(store.read_table(prompts, ["prompt_id", "text"]), swap["prompts"])
    drawing = Drawing.of(model)
    sampler = replace(drawing.sampler, steps=swap["steps"], scheduler="ddim")
    found, pictures = swap_study(
        replace(drawing, sampler=sampler),
        table["text"].tolist(),
        *swap["seeds"],
        swap["after_steps"],
        swap["etas"],
    )
    store.write_arrays(images, {"images": pictures, "texts": table["text"].to_numpy(str)})
    store.write_table(pd.DataFrame(found), rows)


if "snakemake" in globals():
    job.run(snakemake, main)
