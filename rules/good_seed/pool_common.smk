"""Functions of the rules that measure seeds range by range.

Inputs and outputs: none.
"""


def features_of_range(wildcards):
    """Features of the ranking images of the range of seeds at hand."""
    shards = PLAN.ranking_shards(wildcards.model, seeds=wildcards.seeds)
    return [RUN.features(wildcards.extractor, shard) for shard in shards]


def gathered_ranges(wildcards):
    """What every range of seeds adds to the pool of the model at hand."""
    model, extractor = wildcards.model, wildcards.extractor
    return [RUN.pool(model, extractor, f"gathered_{s}") for s in PLAN.seed_ranges(model)]


def exchanged_features(wildcards):
    """Features of the ranking images that null models exchange between seeds."""
    shards = PLAN.ranking_shards(wildcards.model, exchanged=True)
    return [RUN.features(wildcards.extractor, shard) for shard in shards]


def ranked_how(wildcards):
    """The pool of the model at hand, what pictures are held against and what nulls rest on."""
    return PLAN.ranked_how(wildcards.model)


def ranked_seeds(wildcards):
    """What features said of every range of seeds, for rankings with an extractor."""
    return PLAN.measured_seeds(wildcards.model, PLAN.rankings[wildcards.ranking].extractor)


def ranked_seeds_and_gaps(wildcards):
    """What features said of every range of seeds, the gaps last."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    gaps = [RUN.seed_gaps(wildcards.model, extractor)] if extractor else []
    return ranked_seeds(wildcards) + gaps


def exchanged_and_reference_features(wildcards):
    """Features that null models exchange, those of the real images last, as a ranking has them."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    shards = PLAN.ranking_shards(wildcards.model, exchanged=True) if extractor else []
    return [RUN.features(extractor, shard) for shard in shards] + reference_features(wildcards)


def exchanged_scores(wildcards):
    """Scores of these images that scorers see, for rankings with a scorer."""
    scorer = PLAN.rankings[wildcards.ranking].scorer
    shards = PLAN.ranking_shards(wildcards.model, scored=True, exchanged=True) if scorer else []
    return [RUN.scores(scorer, shard) for shard in shards]


def seed_mb(wildcards, attempt):
    """Memory of a job that measures seeds one by one."""
    return attempt * PLAN.memory.seed(wildcards.model, wildcards.extractor)


def exchange_mb(wildcards, attempt):
    """Memory of a job that exchanges pictures between seeds."""
    extractor = wildcards.get("extractor") or PLAN.rankings[wildcards.ranking].extractor
    return attempt * PLAN.memory.exchange(wildcards.model, extractor)


def crossfit_mb(wildcards, attempt):
    """Memory of a job that judges arms on the ranking images."""
    return attempt * PLAN.memory.crossfit(
        wildcards.model, PLAN.rankings[wildcards.ranking].extractor
    )


def style_mb(wildcards, attempt):
    """Memory of a job that compares Gram vectors, a prompt's at a time."""
    return attempt * PLAN.memory.style(wildcards.model)


def pictures_mb(wildcards, attempt):
    """Memory of a job that holds a row of every ranking image."""
    return attempt * PLAN.memory.pictures(wildcards.model)
