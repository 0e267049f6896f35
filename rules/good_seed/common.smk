"""Functions and constants of Good Seed's rules.

Inputs and outputs: none.
"""

STATISTICS = {
    "bootstrap": STUDY["bootstrap"],
    "permutations": STUDY["permutations"],
    "level": STUDY["interval"],
    "seed": STUDY["statistics_seed"],
}


def designed(*keys):
    """A params function: these keys of the design of the model at hand."""
    return partial(_designed, keys=keys)


def _designed(wildcards, keys):
    design = PLAN.design(wildcards.model)
    return {key: design[key] for key in keys}


def surveyed(key):
    """A params function: this key of the survey of the model at hand."""
    return partial(_surveyed, key=key)


def _surveyed(wildcards, key):
    return PLAN.design(wildcards.model)["survey"][key]


def survey_source(wildcards):
    """The prompt set that the survey of the model at hand takes its prompts from."""
    return RUN.prompts(PLAN.design(wildcards.model)["survey"]["prompts"])


def trial_at_hand(wildcards):
    """How the seeds of the model at hand are tried."""
    design = PLAN.design(wildcards.model)
    return {
        "arms": JUDGED_ARMS,
        "pool": design["pool"],
        "fresh": design["fresh_seeds"],
        "trials": design["trials"],
        "seed": STUDY["statistics_seed"],
        "encoding": config["image_encoding"],
    }


def study_at_hand(wildcards):
    """The pool of the model at hand, and how its scores are tested."""
    return {"pool": PLAN.design(wildcards.model)["pool"], "statistics": STATISTICS}


def ranking_shards(model):
    """The shards of a model's ranking images, in the order of their seeds."""
    return [RUN.ranking_shard(model, seeds) for seeds in PLAN.seed_ranges(model)]


def survey_shards(model):
    """The shards of a model's survey, in the order of their seeds."""
    return [RUN.survey_shard(model, seeds) for seeds in PLAN.survey_ranges(model)]


def seeds_at_hand(wildcards):
    """The seeds of the range at hand."""
    return list(PLAN.all_seed_ranges[wildcards.seeds])


def ranked_features(wildcards):
    """Features of all ranking images, for rankings with an extractor."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    shards = ranking_shards(wildcards.model)
    return [RUN.features(extractor, shard) for shard in shards] if extractor else []


def ranked_scores(wildcards):
    """Scores of all ranking images, for rankings with a scorer."""
    scorer = PLAN.rankings[wildcards.ranking].scorer
    shards = ranking_shards(wildcards.model)
    return [RUN.scores(scorer, shard) for shard in shards] if scorer else []


def reference_features(wildcards):
    """Features of the real pictures, for rankings with an extractor."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    return [RUN.features(extractor, RUN.reference(STUDY["reference"]))] if extractor else []


def judged_features(wildcards):
    """Features of the judging images and of the real ones, for rankings with an extractor."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    shard = RUN.judging_shard(wildcards.model, wildcards.ranking)
    found = [RUN.features(extractor, shard)] if extractor else []
    return found + reference_features(wildcards)


def judged_scores(wildcards):
    """Scores of the judging images, for rankings with a scorer."""
    scorer = PLAN.rankings[wildcards.ranking].scorer
    shard = RUN.judging_shard(wildcards.model, wildcards.ranking)
    return [RUN.scores(scorer, shard)] if scorer else []
