"""Functions of the rules of composition and diverse seeds.

Inputs and outputs: none.
"""

from seedbed.good_seed import diversity_arms

AIM = "|".join(diversity_arms.AIMS)


def surveyed_composition(wildcards):
    """Composition of all images of a survey, where a segmenter finds their objects."""
    return _measured_survey(wildcards, diversity_arms.COMPOSITION)


def surveyed_attributes(wildcards):
    """What pixels tell of all images of a survey."""
    return [RUN.attributes(shard) for shard in PLAN.survey_shards(wildcards.model)]


def measured_survey(aim):
    """An input function: what an aim compares, of all images of a survey."""
    return partial(_measured_survey, aim=aim)


def _measured_survey(wildcards, aim):
    shards = PLAN.survey_shards(wildcards.model) if aim in PLAN.diverse_aims else []
    return [PLAN.diverse_measured(aim, shard) for shard in shards]


def surveyed_by_aim(wildcards):
    """What the aim at hand compares, of all images of a survey."""
    return _measured_survey(wildcards, wildcards.aim)


def diverse_counts(wildcards):
    """How many prompts the trial of the model at hand has, by aim."""
    return PLAN.diverse_counts(wildcards.model)


def diverse_groups(wildcards):
    """How many diverse seeds the model at hand has, in how many trials."""
    diversity = PLAN.design(wildcards.model)["diversity"]
    return {key: diversity[key] for key in ("count", "trials")}


def diverse_seeds(wildcards):
    """The diverse seeds of the model at hand, where the run chooses any."""
    surveyed = PLAN.diverse_aims and wildcards.model in PLAN.surveyed_models
    return [RUN.seed_study(wildcards.model, "diverse.json")] if surveyed else []


def timed_at_hand(wildcards):
    """How the seeds of the model at hand are timed."""
    design = PLAN.design(wildcards.model)
    counted = {"count": design["diversity"]["count"]}
    return {
        **STUDY["seed_cost"],
        "pool": design["pool"],
        "surveyed": design["survey"]["seeds"] | counted,
        **{key: STATISTICS[key] for key in ("bootstrap", "level", "seed")},
    }


def repelling(wildcards):
    """What repels in the arm at hand, where that is features and not latents."""
    features = {"features": GUIDED_BY["features"]}
    return features if wildcards.arm == diversity_arms.GUIDED and all(features.values()) else {}


def trial_made_by(wildcards):
    """Code and weights behind the pictures of the arm at hand."""
    features = repelling(wildcards)
    code = [PLAN.model_code(wildcards.model), *modules_of(features)]
    weights = {"model": PLAN.model(wildcards.model), **entries_of(features)}
    return behind("good_seed/generate_diverse", code, **weights)


def diverse_trial(wildcards):
    """How the arm at hand is drawn."""
    return diverse_groups(wildcards) | {
        **repelling(wildcards),
        "aim": wildcards.aim,
        "arm": wildcards.arm,
        "seeds": PLAN.design(wildcards.model)["survey"]["seeds"],
        "seed": STUDY["statistics_seed"],
        "encoding": config["image_encoding"],
    }


def tuned_guidance(wildcards):
    """The strength of Particle Guidance, for the arm that it guides."""
    guided = wildcards.arm == diversity_arms.GUIDED
    return [RUN.tuning(wildcards.model, "particle_guidance.json")] if guided else []


def tried_shards(wildcards):
    """The shards of the trial of the model and aim at hand, by arm."""
    model, aim = wildcards.model, wildcards.aim
    return [RUN.diversity_shard(model, aim, arm) for arm in PLAN.diverse_arms(model)]


def diverse_files(path):
    """An input function: a file of each arm of the trial at hand."""
    return partial(_diverse_files, path=path)


def _diverse_files(wildcards, path):
    model, aim = wildcards.model, wildcards.aim
    return [path(model, aim, arm) for arm in PLAN.diverse_arms(model)]


def measured_groups(wildcards):
    """What the aim at hand compares, of each arm."""
    return [PLAN.diverse_measured(wildcards.aim, shard) for shard in tried_shards(wildcards)]


def trial_mb(wildcards, attempt):
    """Memory of a job that draws an arm: the model, and the features that repel there."""
    return attempt * PLAN.memory_mb(wildcards.model, *loaded_of(repelling(wildcards)))


def groups_mb(wildcards, attempt):
    """Memory of a job that judges diverse seeds: the Gram vectors of one arm after the other."""
    styled = wildcards.aim == diversity_arms.STYLE
    shard = f"{wildcards.model}/diversity/{wildcards.aim}"
    mapped = PLAN.memory.mapped(shard, STUDY["style"]["extractor"]) if styled else 0
    return attempt * max(4000, mapped)


def scored_groups(wildcards):
    """Agreement of each arm's images with their prompts, by the run's first scorer."""
    scorers = STUDY["scorers"][:1]
    return [RUN.scores(scorer, shard) for scorer in scorers for shard in tried_shards(wildcards)]


def judged_diversity(wildcards):
    """How the trial at hand is judged."""
    diversity = PLAN.design(wildcards.model)["diversity"]
    return {
        "arms": PLAN.diverse_arms(wildcards.model),
        "count": diversity["count"],
        "statistics": STATISTICS,
        "margins": {key: diversity[f"{key}_margin"] for key in ("spread", "cost")},
    }
