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

    table, scored = store.read_table(layouts), store.read_table(objects)
    scored = scored[scored["confidence"] == confidence]
    judged = []
    for arm, shard, found in zip(arms, images, detections, strict=True):
        boxes = store.read_table(found).rename(columns={"prompt_id": "layout_id"})
        mine = scored[scored["arm"] == arm]
        pictures = store.pictures_by_prompt(shard)
        judged.append(judge_objects(table, mine, boxes, pictures, confidence).assign(arm=arm))
    store.write_table(pd.concat(judged, ignore_index=True), rows)


if "snakemake" in globals():
    job.run(snakemake, main)
