"""Score every image of a shard against its prompt."""

from seedbed import logs, store


def main(entry: dict, images: str, prompts: str, output: str, threads: int) -> None:
    import torch

    from seedbed.features.clip_score import ClipScorer
    from seedbed.features.extract import score

    torch.set_num_threads(threads)
    score(images, store.read_table(prompts), output, ClipScorer(entry["source"]))


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.scorer,
        snakemake.input.images,
        snakemake.input.prompts,
        snakemake.output.scores,
        snakemake.threads,
    )
