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
    from seedbed.lottery_ticket.comparison.draw import Steering, draw_arm, part_of, take_arm
    from seedbed.lottery_ticket.tickets.collection import by_positions
    from seedbed.sampling.drawing import Drawing

    drawing, (table, study) = Drawing.of(model), part_of(store.read_table(layouts), study)
    collections = by_positions(tickets, study["noises"])
    tuned = study["fixed"] | (store.read_json(constants[0]) if constants else {})
    drawn = {}
    for arm, shard, construction in zip(study["arms"], images, constructions, strict=True):
        if arm["same_as"] in drawn:
            made = take_arm(table, arm["stride"], *drawn[arm["same_as"]], shard)
        else:
            steering = Steering(arm["control"], tuned)
            made = draw_arm(drawing, table, arm, study, collections, steering, shard)
        store.write_table(made, construction)
        drawn[arm["name"]] = (shard, made)


if "snakemake" in globals():
    job.run(snakemake, main)
