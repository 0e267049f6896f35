"""IoU and success of every guidance box of every arm, and what they add up to."""

from seedbed import job, store


def main(
    study: dict,
    statistics: dict,
    layouts: str,
    detections: list[str],
    looked_at: list[str],
    about: str,
    scores: list[str],
) -> None:
    import pandas as pd

    from seedbed.lottery_ticket.comparison.aggregate import Resampling
    from seedbed.lottery_ticket.comparison.layout_files import by_arm, read_ranges
    from seedbed.lottery_ticket.comparison.levels import compare_arms
    from seedbed.lottery_ticket.comparison.objects import objects_of

    table, known = store.read_table(layouts), store.read_json(about)["classes"]
    arms = study["arms"]
    seen, boxes = by_arm(arms, looked_at), by_arm(arms, detections)
    objects = {
        arm: objects_of(
            table,
            read_ranges(seen[arm]),
            read_ranges(boxes[arm]),
            known,
            study["confidences"],
        )
        for arm in arms
    }
    resampling = Resampling(*(statistics[k] for k in ("bootstrap", "statistics_seed", "interval")))
    tests, margins = map(tuple, study["tests"]), statistics["margins"]
    levels, differences = compare_arms(objects, list(tests), resampling, margins)
    every = pd.concat([o.assign(arm=arm) for arm, o in objects.items()], ignore_index=True)
    for frame, path in zip((every, levels, differences), scores, strict=True):
        store.write_table(frame, path)


if "snakemake" in globals():
    job.run(snakemake, main)
