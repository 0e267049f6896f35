"""Draw layouts with tickets scored by every cross-attention layer."""

from seedbed import job, store


def main(
    model: dict,
    detector: dict,
    reading: dict,
    study: dict,
    layouts: str,
    objects: str,
    agreement: str,
) -> None:
    from seedbed.evaluators import registry
    from seedbed.lottery_ticket.comparison.agreement import layer_agreement
    from seedbed.lottery_ticket.comparison.layers import compare_layers
    from seedbed.lottery_ticket.comparison.trial import spread_layouts
    from seedbed.lottery_ticket.tickets.reading import Reading
    from seedbed.sampling.drawing import Drawing

    first = study["noises"]["start"]
    drawing, seen = Drawing.of(model), registry.load("detectors", detector, "detector")
    drawn = spread_layouts(store.read_table(layouts), study["layers"]["layouts"])
    confidences = study["confidences"]
    found = compare_layers(
        drawing,
        Reading.of(reading),
        drawn,
        range(first, first + study["layers"]["noises"]),
        study["base_seed"],
        study["rule"],
        seen,
        confidences,
    )
    known = layer_agreement(drawing, drawn, study["base_seed"], seen, confidences[0])
    store.write_table(found, objects)
    store.write_table(known, agreement)


if "snakemake" in globals():
    job.run(snakemake, main)
