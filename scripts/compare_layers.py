"""Draw layouts with tickets scored by every cross-attention layer."""

from seedbed import logs, store


def main(
    entry: dict,
    detector: dict,
    study: dict,
    confidences: list[float],
    layouts: str,
    output: str,
    threads: int,
) -> None:
    from seedbed.features.detect import load_entry as load_detector
    from seedbed.sampling.entry import load_entry
    from seedbed.tickets.layers import compare_layers
    from seedbed.tickets.trial import first_layouts

    model, sampler = load_entry(entry, threads)
    first = study["noises"]["start"]
    objects = compare_layers(
        model,
        sampler,
        first_layouts(store.read_table(layouts), study["layers"]["layouts"]),
        range(first, first + study["layers"]["noises"]),
        study["base_seed"],
        study["rule"],
        load_detector(detector),
        confidences,
        mode=study["score_mode"],
        fixed_positions=study["fixed_positions"],
        stream=entry["noise"],
        batch=entry["batch"],
    )
    store.write_table(objects, output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.detector,
        snakemake.params.study,
        snakemake.params.confidences,
        snakemake.input.layouts,
        snakemake.output.objects,
        snakemake.threads,
    )
