"""Draw a contact sheet: the first seeds down, the first short prompts across."""

from seedbed import logs, store


def main(
    name: str, entry: dict, sheet: dict, prompts: str, outputs: tuple[str, str], threads: int
) -> None:
    from seedbed.report import image_figures, style
    from seedbed.sampling.entry import load_entry
    from seedbed.sampling.generate import draw_grid

    texts = store.read_table(prompts)["text"].head(sheet["prompts"]).tolist()
    seeds = list(range(sheet["seeds"]))
    model, sampler = load_entry(entry, threads)
    pictures = draw_grid(model, sampler, seeds, texts, entry["noise"])
    labels = [f"seed {seed}" for seed in seeds]
    style.save(image_figures.picture_grid(pictures, labels, texts, title=name), *outputs)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.wildcards.model,
        snakemake.params.model,
        snakemake.params.sheet,
        snakemake.input.prompts,
        (snakemake.output.png, snakemake.output.pdf),
        snakemake.threads,
    )
