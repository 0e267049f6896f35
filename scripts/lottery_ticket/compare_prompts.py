"""Draw layouts with tickets scored by pairs of objects and by objects alone."""

from seedbed import job, store


def main(
    model: dict, detector: dict, reading: dict, study: dict, layouts: str, objects: str
) -> None:
    from seedbed.evaluators import registry
    from seedbed.lottery_ticket.comparison.single_prompts import compare_prompts
    from seedbed.lottery_ticket.comparison.trial import spread_layouts
    from seedbed.lottery_ticket.tickets.reading import Reading
    from seedbed.sampling.drawing import Drawing

    first, counts = study["noises"]["start"], study["single_prompts"]
    found = compare_prompts(
        Drawing.of(model),
        Reading.of(reading),
        spread_layouts(store.read_table(layouts), counts["layouts"]),
        range(first, first + counts["noises"]),
        study["base_seed"],
        study["rule"],
        registry.load("detectors", detector, "detector"),
        study["confidences"],
    )
    store.write_table(found, objects)


if "snakemake" in globals():
    job.run(snakemake, main)
