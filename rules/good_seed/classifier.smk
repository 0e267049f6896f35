"""Naming the seed of a picture.

Inputs: ranking images. Outputs: {run}/classifier/{model}/{group}.*, explained.npz, areas.parquet
"""


def classified_images(wildcards):
    """The shards of the ranking images that hold the seeds to tell apart."""
    return PLAN.classified_images(wildcards.model)


def classifier_at_hand(wildcards):
    """The seeds of the model at hand to tell apart, the study, and the trainings of the group."""
    group = wildcards.get("group")
    found = {"seeds": PLAN.classified_seeds(wildcards.model), "study": STUDY["classifier"]}
    if group is None:
        return found
    checkpoints = RUN.classifier(wildcards.model, f"checkpoints/{group}")
    return found | {"group": PLAN.classifier_groups[group], "checkpoints": checkpoints}


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
        settings=classifier_at_hand,
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
        settings=classifier_at_hand,
        made_by=behind("good_seed/explain_classifier"),
    script:
        "../../scripts/good_seed/explain_classifier.py"
