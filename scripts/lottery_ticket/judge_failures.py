"""Judge every guidance box of some arms by fixed rules."""

from seedbed import job, store


def main(
    arms: list[str],
    confidence: float,
    layouts: str,
    objects: str,
    images: list[str],
    detections: list[str],
    rows: str,
) -> None:
    import pandas as pd

    from seedbed.lottery_ticket.comparison.failures import judge_objects
    from seedbed.lottery_ticket.comparison.layout_files import by_arm, pictures_of, read_ranges

    table, scored = store.read_table(layouts), store.read_table(objects)
    scored = scored[scored["confidence"] == confidence]
    shards, found = by_arm(arms, images), by_arm(arms, detections)
    judged = []
    for arm in arms:
        boxes = read_ranges(found[arm]).rename(columns={"prompt_id": "layout_id"})
        mine = scored[scored["arm"] == arm]
        pictures = pictures_of(shards[arm])
        judged.append(judge_objects(table, mine, boxes, pictures, confidence).assign(arm=arm))
    store.write_table(pd.concat(judged, ignore_index=True), rows)


if "snakemake" in globals():
    job.run(snakemake, main)
