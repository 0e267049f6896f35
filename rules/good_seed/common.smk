"""Functions and constants of Good Seed's rules.

Inputs and outputs: none.
"""

STATISTICS = {
    "bootstrap": STUDY["bootstrap"],
    "permutations": STUDY["permutations"],
    "level": STUDY["interval"],
    "seed": STUDY["statistics_seed"],
}
JUDGEMENT = STATISTICS | {"margin": STUDY["judge"]["margin"]}


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


def drawn_elsewhere(wildcards):
    """The prompts that all seeds of the model at hand draw for its studies."""
    parts = ["ranking"] + (["survey"] if wildcards.model in PLAN.surveyed_models else [])
    return [RUN.split(wildcards.model, part) for part in parts]


def survey_source(wildcards):
    """The prompt set that the survey of the model at hand takes its prompts from."""
    return RUN.prompts(PLAN.design(wildcards.model)["survey"]["prompts"])


def trial_at_hand(wildcards):
    """How the seeds of the model at hand are tried."""
    design = PLAN.design(wildcards.model)
    return {
        "pool": design["pool"],
        "fresh": design["fresh_seeds"],
        "trials": design["trials"],
        "seed": STUDY["statistics_seed"],
    }


def crossfit_at_hand(wildcards):
    """How the seeds of the model at hand are chosen on one ranking set and judged on the other."""
    scored = PLAN.design(wildcards.model)["scored"]
    return {"scored": scored, "share": STUDY["golden_share"], "statistics": JUDGEMENT}


def priced_how(wildcards):
    """The pool of the model at hand, and how its single seeds are priced."""
    found = PLAN.ranked_how(wildcards.model)
    scored = PLAN.design(wildcards.model)["scored"]
    return {k: found[k] for k in ("pool", "exchanged")} | {
        "scored": scored,
        "statistics": STATISTICS,
    }


def study_at_hand(wildcards):
    """The pool of the model at hand, and how its scores are tested."""
    pool, scored = PLAN.pool(wildcards.model), PLAN.design(wildcards.model)["scored"]
    return {"pool": [pool.start, pool.stop], "scored": scored, "statistics": STATISTICS}


def pairs_to_fill(wildcards):
    """The pictures that are filled, with their masks."""
    return RUN.pairs(STUDY["inpainting"]["pairs"])


def inpainting_shards(model):
    """The shards of the filled pictures, in the order of their seeds."""
    return [RUN.inpainting_shard(model, seeds) for seeds in PLAN.inpainting_ranges]


def filled_shares(wildcards):
    """Text shares of all filled pictures of the model at hand."""
    return [
        RUN.text_shares(wildcards.detector, shard) for shard in inpainting_shards(wildcards.model)
    ]


def seeds_at_hand(wildcards):
    """The seeds of the range at hand."""
    return list(PLAN.all_seed_ranges[wildcards.seeds])


def prompts_at_hand(wildcards):
    """The places of the range of prompts at hand; ``None`` where a shard has them all."""
    name = wildcards.get("prompts")
    return name and [PLAN.all_prompt_ranges[name].start, PLAN.all_prompt_ranges[name].stop]


def ranked_features(wildcards):
    """Features of all ranking images, for rankings with an extractor."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    shards = PLAN.ranking_shards(wildcards.model)
    return [RUN.features(extractor, shard) for shard in shards] if extractor else []


def ranked_scores(wildcards):
    """Scores of all ranking images that scorers see, for rankings with a scorer."""
    scorer = PLAN.rankings[wildcards.ranking].scorer
    shards = PLAN.ranking_shards(wildcards.model, scored=True)
    return [RUN.scores(scorer, shard) for shard in shards] if scorer else []


def reference_features(wildcards):
    """Features of the real pictures, for rankings with an extractor."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    return [RUN.features(extractor, RUN.reference(STUDY["reference"]))] if extractor else []


def ranked_and_reference_features(wildcards):
    """Features of all ranking images, those of the real ones last."""
    return ranked_features(wildcards) + reference_features(wildcards)


def judged_features(wildcards):
    """Features of the judging images and of the real ones, for rankings with an extractor."""
    extractor = PLAN.rankings[wildcards.ranking].extractor
    shards = PLAN.judging_shards(wildcards.model, wildcards.ranking) if extractor else []
    return [RUN.features(extractor, shard) for shard in shards] + reference_features(wildcards)


def judged_scores(wildcards):
    """Scores of the judging images, for rankings with a scorer."""
    scorer = PLAN.rankings[wildcards.ranking].scorer
    shards = PLAN.judging_shards(wildcards.model, wildcards.ranking) if scorer else []
    return [RUN.scores(scorer, shard) for shard in shards]


def tests_at_hand(wildcards):
    """The places of the range of test prompts at hand; ``None`` where a shard has them all."""
    span = PLAN.all_judging_ranges[wildcards.tests]
    return span and [span.start, span.stop]


def drawn_how(wildcards):
    """How the pictures of the trial at hand are stored, and which of them."""
    return {"encoding": config["image_encoding"], "places": tests_at_hand(wildcards)}


def evaluated_by(**names):
    """Evaluators by their purpose: role, name, entry; ``None`` for those without a name."""
    return {
        purpose: name and {"role": role, "name": name, "entry": PLAN.evaluator(role, name)}
        for purpose, (role, name) in names.items()
    }


def modules_of(evaluators):
    """The modules of the evaluators' kinds."""
    given = filter(None, evaluators.values())
    return [PLAN.evaluator_code(it["role"], it["name"]) for it in given]


def entries_of(evaluators):
    """The entries of the evaluators, whose weights are used."""
    return {purpose: it["entry"] for purpose, it in evaluators.items() if it}


SWAP_EXTRACTOR = evaluated_by(extractor=("extractors", PLAN.first_extractor))
GUIDED_BY = evaluated_by(
    scorer=("scorers", PLAN.first_scorer),
    extractor=("extractors", STUDY["particle_guidance"]["extractor"] or PLAN.first_extractor),
    features=("extractors", STUDY["particle_guidance"]["features"]),
)
GUIDED = {
    key: STUDY["particle_guidance"][key]
    for key in ("count", "particles", "coefficients", "max_cost", "base_seed")
} | {key: STATISTICS[key] for key in ("bootstrap", "level", "seed")}


def loaded_of(evaluators):
    """Role and name of those that are there."""
    return [(it["role"], it["name"]) for it in evaluators.values() if it]


def guidance_mb(wildcards, attempt):
    """Memory of a job that tunes Particle Guidance: the model and what looks at its pictures."""
    return attempt * PLAN.memory_mb(wildcards.model, *loaded_of(GUIDED_BY))


def swap_mb(wildcards, attempt):
    """Memory of a job that measures exchanged pictures."""
    return attempt * PLAN.evaluators_mb(*loaded_of(SWAP_EXTRACTOR))


def prompts_in_use(wildcards):
    """The prompts that the seeds of the model at hand are ranked, judged and surveyed on."""
    parts = ["ranking", "judging"]
    parts += ["survey"] if wildcards.model in PLAN.surveyed_models else []
    return [RUN.split(wildcards.model, part) for part in parts]


def guidance_made_by(wildcards):
    """Code and weights behind the strength of Particle Guidance."""
    code = [PLAN.model_code(wildcards.model), *modules_of(GUIDED_BY)]
    weights = {"model": PLAN.model(wildcards.model), **entries_of(GUIDED_BY)}
    return behind("good_seed/tune_particle_guidance", code, **weights)
