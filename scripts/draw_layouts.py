"""Draw every layout with one arm of the comparison."""

from seedbed import logs, store


def main(
    entry: dict,
    arm: dict,
    study: dict,
    noises: list[int],
    encoding: str,
    layouts: str,
    tickets: list[str],
    constants: list[str],
    images: str,
    construction: str,
    threads: int,
) -> None:
    from seedbed.layouts.table import every_nth
    from seedbed.sampling.entry import load_entry
    from seedbed.tickets.collection import Collection
    from seedbed.tickets.draw import draw_layouts
    from seedbed.tickets.methods import METHODS, initial_latents

    table = store.read_table(layouts)
    method = METHODS[arm["method"]]
    model, sampler = load_entry(entry, threads)
    first, stride = study["base_seed"], arm["stride"]
    seeds = list(range(first, first + table["layout_id"].nunique(), stride))
    table = every_nth(table, stride)
    latents, made = initial_latents(
        model,
        sampler,
        table,
        method,
        seeds,
        stream=entry["noise"],
        layer=study["layer"],
        collection=Collection.load(tickets, noises).first(arm["noises"]) if tickets else None,
        rule=arm["rule"],
        restandardise=arm["restandardise"],
    )
    draw_layouts(
        model,
        sampler,
        table,
        latents,
        seeds,
        method.control,
        store.read_json(constants[0]) if constants else {},
        images,
        encoding=encoding,
        batch=entry["batch"],
    )
    store.write_table(made, construction)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.model,
        snakemake.params.arm,
        snakemake.params.study,
        snakemake.params.noises,
        snakemake.params.encoding,
        snakemake.input.layouts,
        snakemake.input.tickets,
        snakemake.input.constants,
        snakemake.output.images,
        snakemake.output.construction,
        snakemake.threads,
    )
