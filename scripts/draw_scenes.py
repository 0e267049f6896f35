"""Draw the scenes of the example figures from random and from constructed noise."""

from seedbed import logs, store


def main(
    entry: dict,
    detector: dict,
    study: dict,
    confidence: float,
    scenes: str,
    images: str,
    objects: str,
    threads: int,
) -> None:
    import numpy as np

    from seedbed.features.detect import load_entry as load_detector
    from seedbed.layouts.scenes import read_scenes
    from seedbed.sampling.entry import load_entry
    from seedbed.tickets.scenes import draw_scenes

    model, sampler = load_entry(entry, threads)
    noises = study["noises"]
    arrays, table = draw_scenes(
        model,
        sampler,
        read_scenes(scenes),
        range(noises["start"], noises["start"] + noises["count"]),
        study["rule"],
        load_detector(detector),
        confidence,
        layer=study["layer"],
        mode=study["score_mode"],
        fixed_positions=study["fixed_positions"],
        stream=entry["noise"],
        batch=entry["batch"],
    )
    with store.atomic(images) as partial, open(partial, "wb") as handle:
        np.savez_compressed(handle, **arrays)
    store.write_table(table, objects)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.detector,
        snakemake.params.study,
        snakemake.params.confidences[0],
        snakemake.input.scenes,
        snakemake.output.images,
        snakemake.output.objects,
        snakemake.threads,
    )
