"""Functions and constants of the rules of the seed classifier.

Inputs and outputs: none.
"""

from seedbed.good_seed.classifier.groups import GROUPS, TRAINING_KEYS


def classified_images(wildcards):
    """The shards of the ranking images that hold the seeds to tell apart."""
    return PLAN.classified_images(wildcards.model)


def trainings_at_hand(wildcards):
    """The seeds of the model at hand to tell apart, the trainings of the group, and how."""
    return {
        "seeds": PLAN.classified_seeds(wildcards.model),
        "group": PLAN.trainings(wildcards.model)[wildcards.group],
        "study": {key: STUDY["classifier"][key] for key in TRAINING_KEYS},
        "checkpoints": RUN.classifier(wildcards.model, f"{wildcards.group}.checkpoints"),
    }


def explained_at_hand(wildcards):
    """The seeds that were told apart, how, and what is shown of it."""
    return {
        "seeds": PLAN.classified_seeds(wildcards.model),
        "study": {key: STUDY["classifier"][key] for key in (*TRAINING_KEYS, "gradcam")},
    }


def classifier_mb(wildcards, attempt):
    """MB of a job that holds the pictures of the model at hand; more where it was too little."""
    return attempt * PLAN.classifier_mb(wildcards.model)
