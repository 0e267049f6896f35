"""Naming the seed of a picture.

Inputs: ranking images. Outputs: {run}/classifier/{model}/{group}.*, explained.npz, areas.parquet
"""


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
        group="|".join(GROUPS),
    conda:
        "../../envs/seedbed.yaml"
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
    params:
        settings=explained_at_hand,
        made_by=behind("good_seed/explain_classifier"),
    script:
        "../../scripts/good_seed/explain_classifier.py"
