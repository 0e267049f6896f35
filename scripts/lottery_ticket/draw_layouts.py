"""Draw a range of the layouts with the arms of one group."""

from seedbed import job, store


def main(
    model: dict,
    study: dict,
    layouts: str,
    tickets: list[str],
    constants: list[str],
    images: list[str],
    constructions: list[str],
) -> None:
    from seedbed.lottery_ticket.comparison.draw import Steering, draw_arm, part_of
    from seedbed.lottery_ticket.tickets.collection_files import by_positions
    from seedbed.sampling.drawing import Drawing

    drawing, (table, study) = Drawing.of(model), part_of(store.read_table(layouts), study)
    collections = by_positions(tickets, study["noises"], set(table["category"]))
    tuned = study["fixed"] | (store.read_json(constants[0]) if constants else {})
    for arm, shard, construction in zip(study["arms"], images, constructions, strict=True):
        steering = Steering(arm["control"], tuned)
        made = draw_arm(drawing, table, arm, study, collections, steering, shard)
        store.write_table(made, construction)


if "snakemake" in globals():
    job.run(snakemake, main)
