"""Choose the constants of a control on held-out layouts."""

from seedbed import job, store


def main(
    model: dict,
    detector: dict,
    tuning: dict,
    study: dict,
    layouts: list[str],
    rows: str,
    chosen: str,
) -> None:
    from seedbed.evaluators import registry
    from seedbed.lottery_ticket.comparison.tuning import tune
    from seedbed.sampling.drawing import Drawing

    table, best = tune(
        Drawing.of(model),
        store.read_table(layouts[0]),
        tuning["control"],
        tuning["grid"],
        tuning["widen"],
        study["base_seed"],
        registry.load("detectors", detector, "detector"),
        study["confidences"][0],
        tuning["fixed"],
    )
    store.write_table(table, rows)
    store.write_json(best, chosen)


if "snakemake" in globals():
    job.run(snakemake, main)
