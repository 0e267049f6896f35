"""Draw layouts with tickets scored by every cross-attention layer."""

from seedbed import job, store


def main(
    model: dict, detector: dict, reading: dict, study: dict, layouts: str, objects: str
) -> None:
    from seedbed.evaluators import registry
    from seedbed.lottery_ticket.comparison.layers import compare_layers
    from seedbed.lottery_ticket.comparison.trial import spread_layouts
    from seedbed.lottery_ticket.tickets.reading import Reading
    from seedbed.sampling.drawing import Drawing

    first = study["noises"]["start"]
    found = compare_layers(
        Drawing.of(model),
        Reading.of(reading),
        spread_layouts(store.read_table(layouts), study["layers"]["layouts"]),
        range(first, first + study["layers"]["noises"]),
        study["base_seed"],
        study["rule"],
        registry.load("detectors", detector, "detector"),
        study["confidences"],
    )
    store.write_table(found, objects)


if "snakemake" in globals():
    job.run(snakemake, main)
