"""Choose the constants of a control on held-out layouts."""

from seedbed import logs, store


def main(
    entry: dict,
    detector: dict,
    control: str,
    choices: list[dict],
    study: dict,
    layouts: str,
    rows: str,
    chosen: str,
    threads: int,
) -> None:
    from seedbed.features.detect import load_entry as load_detector
    from seedbed.sampling.entry import load_entry
    from seedbed.tickets.tuning import tune

    model, sampler = load_entry(entry, threads)
    table, best = tune(
        model,
        sampler,
        store.read_table(layouts),
        control,
        choices,
        study["base_seed"],
        load_detector(detector),
        study["confidences"][0],
        stream=entry["noise"],
        layer=study["layer"],
        batch=entry["batch"],
    )
    store.write_table(table, rows)
    store.write_json(best, chosen)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.detector,
        snakemake.wildcards.control,
        snakemake.params.choices,
        snakemake.params.study,
        snakemake.input.layouts,
        snakemake.output.rows,
        snakemake.output.chosen,
        snakemake.threads,
    )
