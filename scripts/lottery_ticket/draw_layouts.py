"""Draw every layout with the arms of one group."""

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
    from seedbed.lottery_ticket.comparison.draw import Steering, draw_arm, take_arm
    from seedbed.lottery_ticket.tickets.collection import Collection
    from seedbed.sampling.drawing import Drawing

    drawing, table = Drawing.of(model), store.read_table(layouts)
    collection = Collection.load(tickets, study["noises"]) if tickets else None
    tuned = store.read_json(constants[0]) if constants else {}
    drawn = {}
    for arm, shard, construction in zip(study["arms"], images, constructions, strict=True):
        if arm["same_as"] in drawn:
            made = take_arm(table, arm["stride"], *drawn[arm["same_as"]], shard)
        else:
            steering = Steering(arm["control"], tuned)
            made = draw_arm(drawing, table, arm, study, collection, steering, shard)
        store.write_table(made, construction)
        drawn[arm["name"]] = (shard, made)


if "snakemake" in globals():
    job.run(snakemake, main)
