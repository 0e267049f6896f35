"""Naming the seed of a picture.

Inputs: ranking images. Outputs: {run}/classifier/{model}/{group}.*, explained.npz, areas.parquet
"""

from seedbed.good_seed.classifier.groups import TRAINING_KEYS


def classified_images(wildcards):
    """The shards of the ranking images that hold the seeds to tell apart."""
    return PLAN.classified_images(wildcards.model)


def trainings_at_hand(wildcards):
    """The seeds of the model at hand to tell apart, the trainings of the group, and how."""
    return {
        "seeds": PLAN.classified_seeds(wildcards.model),
        "group": PLAN.classifier_groups[wildcards.group],
        "study": {key: STUDY["classifier"][key] for key in TRAINING_KEYS},
        "checkpoints": RUN.classifier(wildcards.model, f"checkpoints/{wildcards.group}"),
    }


def explained_at_hand(wildcards):
    """The seeds that were told apart, how, and what is shown of it."""
    return {
        "seeds": PLAN.classified_seeds(wildcards.model),
        "study": {key: STUDY["classifier"][key] for key in (*TRAINING_KEYS, "gradcam")},
    }


def classifier_mb(wildcards):
    """Memory of a job that holds the pictures of the model at hand."""
    return PLAN.classifier_mb(wildcards.model)


rule fit_classifiers:
    """A classifier of seeds for each training of a group (Good Seed, 3.3).

    A killed job goes on after its last whole epoch.
    """
    input:
        images=classified_images,
        prompts=RUN.split("{model}", "ranking"),
    output:
        hits=RUN.classifier("{model}", "{group}.hits.parquet"),
        curves=RUN.classifier("{model}", "{group}.curves.parquet"),
        weights=[RUN.classifier("{model}", f"{{group}}.{x}") for x in ("safetensors", "json")],
    log:
        RUN.log("classifier/{model}/{group}"),
    benchmark:
        RUN.benchmark("classifier/{model}/{group}")
    wildcard_constraints:
        group="|".join(PLAN.classifier_groups) or "none",
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=classifier_mb,
    params:
        settings=trainings_at_hand,
        made_by=behind("good_seed/fit_classifiers"),
    script:
        "../../scripts/good_seed/fit_classifiers.py"


rule explain_classifier:
    """Grad-CAM at several layers, of test pictures of unseen prompts (Good Seed, Figure 4)."""
    input:
        images=classified_images,
        prompts=RUN.split("{model}", "ranking"),
        weights=[RUN.classifier("{model}", f"prompt.{x}") for x in ("safetensors", "json")],
    output:
        shown=RUN.classifier("{model}", "explained.npz"),
        areas=RUN.classifier("{model}", "areas.parquet"),
    log:
        RUN.log("classifier/{model}/explained"),
    benchmark:
        RUN.benchmark("classifier/{model}/explained")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=classifier_mb,
    params:
        settings=explained_at_hand,
        made_by=behind("good_seed/explain_classifier"),
    script:
        "../../scripts/good_seed/explain_classifier.py"
