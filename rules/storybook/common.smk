"""Functions and constants of the rules about the Storybook models.

Inputs and outputs: none.
"""

from seedbed.plan.needs import needed_mb, weights_mb

# The judges of the world's pictures ship with it, whatever evaluators a run selects.
JUDGES = {
    "net": {"source": shipped("resources/storybook/storybook-net")},
    "clip": {"source": shipped("resources/storybook/storybook-clip")},
    "vae": {"source": shipped("resources/storybook/storybook-sd")},
    "detector": {
        "kind": "ultralytics",
        "source": shipped("resources/storybook/storybook-yolo/storybook-yolo.pt"),
        "nms_iou": 0.65,
        "batch": 64,
    },
    "segmenter": {
        "kind": "ultralytics",
        "source": shipped("resources/storybook/storybook-seg/storybook-seg.pt"),
        "nms_iou": 0.65,
        "batch": 64,
    },
    "depth": {
        "kind": "depth_anything",
        "source": shipped("resources/storybook/storybook-depth"),
        "batch": 64,
    },
}
JUDGING = [
    "seedbed.evaluators.detectors.ultralytics",
    "seedbed.evaluators.segmenters.ultralytics",
    "seedbed.evaluators.depths.depth_anything",
]
"""Modules that the judges are loaded from by name."""
JUDGES_MB = needed_mb(sum(weights_mb(judge["source"]) for judge in JUDGES.values()))
TRAINED = "training"
try:
    TRAINING = run_config.complete_training(run_config.load(config["training"]))
except ValueError as fault:
    raise WorkflowError(str(fault)) from None
STAGES = {
    "vae": [],
    "net": [],
    "tokenizer": [],
    "clip": ["tokenizer"],
    "text_encoder": ["tokenizer"],
    "latents": ["vae"],
    "text_to_image": ["latents", "text_encoder"],
    "pairs": ["text_to_image"],
    "turbo": ["pairs"],
    "inpaint": ["text_to_image"],
    "yolo": [],
    "seg": [],
    "depth": [],
}


def judged_by(wildcards):
    """Code and weights of the model at hand and of its judge."""
    made = drawn_by("storybook/measure_quality")(wildcards)
    return made | {"judge": weights_digest(JUDGES["net"]["source"])}


def filled_by(wildcards):
    """Code and weights of the inpainting model at hand and of its judge."""
    judge = JUDGES["detector"]
    made = drawn_by("storybook/measure_filling", ["seedbed.evaluators.detectors.ultralytics"])(
        wildcards
    )
    return made | {"judge": weights_digest(judge["source"])}


def judges_mb(wildcards, attempt):
    """Memory of a job that looks with all judges."""
    return attempt * JUDGES_MB


def marks_before(wildcards):
    """The training stages that must be done first."""
    return [f"{TRAINED}/{stage}.done" for stage in STAGES[wildcards.stage]]
