"""Functions and constants of Good Seed's rules.

Inputs and outputs: none.
"""

STATISTICS = {
    "bootstrap": STUDY["bootstrap"],
    "permutations": STUDY["permutations"],
    "level": STUDY["interval"],
    "seed": STUDY["statistics_seed"],
}
TRIAL = {
    "arms": JUDGED_ARMS,
    "pool": STUDY["pool"],
    "fresh": STUDY["fresh_seeds"],
    "trials": STUDY["trials"],
    "seed": STUDY["statistics_seed"],
    "encoding": config["image_encoding"],
}


def seeds_at_hand(wildcards):
    """The seeds of the range at hand."""
    return list(PLAN.seed_ranges[wildcards.seeds])


def ranked_features(wildcards):
    """Features of all ranking images, for rankings with an extractor."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    shards = [RUN.ranking_shard(wildcards.model, seeds) for seeds in PLAN.seed_ranges]
    return [RUN.features(extractor, shard) for shard in shards] if extractor else []


def ranked_scores(wildcards):
    """Scores of all ranking images, for rankings with a scorer."""
    scorer = PLAN.rankings[wildcards.ranking].scorer
    shards = [RUN.ranking_shard(wildcards.model, seeds) for seeds in PLAN.seed_ranges]
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
