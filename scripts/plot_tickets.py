"""Draw Figures 1 to 3: a noise and its tickets, the collection, its scores."""

from seedbed import logs, store


def main(
    study: dict,
    images: str,
    scenes: str,
    tickets: list[str],
    noises: list[int],
    outputs: list[tuple[str, str]],
) -> None:
    import numpy as np

    from seedbed.report import style, ticket_figures
    from seedbed.tickets.collection import Collection
    from seedbed.tickets.methods import make_rule, reading

    collection = reading(Collection.load(tickets, noises), study["rule"])
    arrays, table = np.load(images), store.read_table(scenes)
    on_the_fly = [str(name) for name in arrays["pair"]]
    pair = tuple(on_the_fly) if set(on_the_fly) <= set(collection.names) else collection.pairs[0]
    rule = make_rule(study["rule"], list(pair))
    alternatives = {key: study["sensitivity"][key] for key in ("t_obj", "t_bg")}
    drawn = [
        ticket_figures.concept(arrays, table, make_rule(study["rule"], on_the_fly)),
        ticket_figures.collection_picture(collection, pair, rule, noises=5),
        ticket_figures.score_distributions(collection, rule, alternatives),
    ]
    for figure, paths in zip(drawn, outputs, strict=True):
        style.save(figure, *paths)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.study,
        snakemake.input.images,
        snakemake.input.scenes,
        snakemake.input.tickets,
        snakemake.params.noises,
        [
            (snakemake.output.concept, snakemake.output.concept_pdf),
            (snakemake.output.collection, snakemake.output.collection_pdf),
            (snakemake.output.scores, snakemake.output.scores_pdf),
        ],
    )
