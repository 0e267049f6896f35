"""Functions and constants of the rules of style and habits.

Inputs and outputs: none.
"""

HABITS = STUDY["habits"]
PIXELS = {key: HABITS[key] for key in HABITS if key not in ("detector", "confidence")}

READER = HABITS["detector"]
READS = [ancient(RUN.path("detections", READER, "reads.json"))] if READER else []

# As many permutations as resamples: they are cheap here, and p-values are adjusted for many.
TESTED = STATISTICS | {"permutations": max(STUDY["bootstrap"], STUDY["permutations"])}


def surveyed_styles(wildcards):
    """Gram features of all images of the survey of the model at hand."""
    extractor = STUDY["style"]["extractor"]
    return [RUN.features(extractor, shard) for shard in PLAN.survey_shards(wildcards.model)]


def text_in_survey(path_of):
    """An input function: detections in the survey, where a detector looks for text."""
    return partial(_text_in_survey, path_of=path_of)


def _text_in_survey(wildcards, path_of):
    shards = PLAN.survey_shards(wildcards.model) if HABITS["detector"] else []
    return [path_of(HABITS["detector"], shard) for shard in shards]
