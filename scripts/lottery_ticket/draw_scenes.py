"""Draw the scenes of the example figures from random and from constructed noise."""

from seedbed import job, store


def main(
    model: dict,
    detector: dict | None,
    reading: dict,
    study: dict,
    scenes: str,
    images: str,
    objects: str,
) -> None:
    import numpy as np

    from seedbed.evaluators import registry
    from seedbed.layouts.scenes import read_scenes
    from seedbed.lottery_ticket.comparison.scene_pictures import draw_scenes
    from seedbed.lottery_ticket.tickets.reading import Reading
    from seedbed.sampling.drawing import Drawing

    noises = study["noises"]
    arrays, table = draw_scenes(
        Drawing.of(model),
        Reading.of(reading),
        read_scenes(scenes),
        range(noises["start"], noises["start"] + noises["count"]),
        study["rule"],
        registry.load("detectors", detector, "detector") if detector else None,
        study["confidences"][0],
    )
    with store.atomic(images) as partial, open(partial, "wb") as handle:
        np.savez_compressed(handle, **arrays)
    store.write_table(table, objects)


if "snakemake" in globals():
    job.run(snakemake, main)
