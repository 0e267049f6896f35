"""Draw pictures whose initial latent and step noise are another seed's, each apart."""

from dataclasses import replace

from seedbed import job, store


def main(model: dict, swap: dict, prompts: str, rows: str, images: str) -> None:
    import numpy as np

    from seedbed.prompts.table import first_prompts
    from seedbed.sampling.drawing import Drawing
    from seedbed.sampling.seed_swap import pairs_of, swap_study

    table = store.read_table(prompts, ["prompt_id", "text"])
    texts = first_prompts(table, swap["pairs"] * swap["prompts"])["text"].tolist()
    drawing = Drawing.of(model)
    sampler = replace(drawing.sampler, steps=swap["steps"], scheduler="ddim")
    found, pictures = swap_study(
        replace(drawing, sampler=sampler),
        texts,
        pairs_of(swap["base_seed"], swap["pairs"]),
        swap["after_steps"],
        swap["etas"],
    )
    store.write_arrays(images, {"images": pictures, "texts": np.array(texts)})
    store.write_table(found, rows)


if "snakemake" in globals():
    job.run(snakemake, main)
