"""What all rules share: the checked config, paths, wildcards, code digests.

Inputs: config.yaml and what --configfile merges into it. Outputs: none.
"""

from pathlib import Path

from seedbed import config as run_config
from seedbed.config import seed_ranges
from seedbed.provenance import script_digest, weights_digest
from seedbed.tickets.arms import (
    arm_labels,
    contrasts_of,
    layout_arms,
    partners_of,
    shard_ranges,
    uses_tickets,
)

try:
    run_config.check(config)
except run_config.ConfigError as fault:
    raise WorkflowError(str(fault)) from None

RUN = f"results/{config['run']}"
STUDY = config["good_seed"]
RANGES = seed_ranges(STUDY["pool"], STUDY["seeds_per_job"])
ARMS = ("golden", "random", "fresh")
LOTTERY = config["lottery_ticket"]
LAYOUT_ARMS = layout_arms(LOTTERY)
NOISES = shard_ranges(LOTTERY["noises"])
ALL_NOISES = [seed for part in NOISES.values() for seed in part]
DETECTOR = config["detectors"][LOTTERY["detector"]]
DETECTOR_WEIGHTS = weights_digest(Path(DETECTOR["source"]).parent)
TUNING = f"{RUN}/lottery_ticket/tuning"
LAYOUT_IMAGES = f"{RUN}/images/{LOTTERY['model']}/layouts"
CONTROLS = ("paint", "soft", "boxdiff")
# Those that a selected method uses; only these are tuned.
TUNED = [c for c in CONTROLS if any(c in m.split("_") for m in LOTTERY["methods"])]
ARM_TABLES = arm_labels(LAYOUT_ARMS)
ARM_STRIDES = {name: arm["stride"] for name, arm in LAYOUT_ARMS.items()}
ARM_PAIRS = [*partners_of(LAYOUT_ARMS).items(), *contrasts_of(LAYOUT_ARMS)]


wildcard_constraints:
    model="|".join(config["models"]),
    prompt_set="|".join(config["prompts"]),
    seeds="|".join(RANGES),
    layout_set="|".join(config["layouts"]),
    noises="|".join(NOISES),
    arm="|".join(LAYOUT_ARMS),
    control="|".join(CONTROLS),


def log_of(path):
    """Path of a log; mirrors its output's path."""
    return f"{RUN}/logs/{path}.log"


def benchmark_of(path):
    """Path of a benchmark; mirrors its output's path."""
    return f"{RUN}/benchmarks/{path}.tsv"


def model_entry(wildcards):
    """The config entry of the model at hand, and nothing else of the config."""
    return config["models"][wildcards.model]


def model_weights(wildcards):
    """Digest of the weights of the model at hand: retrained models rerun what they drew."""
    return weights_digest(config["models"][wildcards.model]["source"])


def prompt_entry(wildcards):
    """The config entry of the prompt set at hand."""
    return config["prompts"][wildcards.prompt_set]


def seeds_of(wildcards):
    """The seeds of the range at hand."""
    return list(RANGES[wildcards.seeds])


def layouts_entry(wildcards):
    """The config entry of the layout set at hand."""
    return config["layouts"][wildcards.layout_set]


def noises_of(wildcards):
    """The seeds of the noises of the shard at hand."""
    return list(NOISES[wildcards.noises])


def arm_entry(wildcards):
    """What the arm at hand does."""
    return LAYOUT_ARMS[wildcards.arm]


def tickets_of_arm(wildcards):
    """The whole ticket collection, for arms that draw from it."""
    return TICKETS if uses_tickets(LAYOUT_ARMS[wildcards.arm]["method"]) else []


def noises_of_arm(wildcards):
    """The noises of the collection, for arms that draw from it."""
    return ALL_NOISES if uses_tickets(LAYOUT_ARMS[wildcards.arm]["method"]) else []


def constants_of_arm(wildcards):
    """The tuned constants of the control that the arm at hand uses."""
    parts = LAYOUT_ARMS[wildcards.arm]["method"].split("_")
    return [f"{TUNING}/{c}.json" for c in CONTROLS if c in parts]


def labels_of_table(wildcards):
    """The arms of Table 1 or 2 with their names."""
    return ARM_TABLES[wildcards.number]


def built_arms_of_table(wildcards):
    """The arms of Table 2, whose latents it describes; none for Table 1."""
    return list(ARM_TABLES["2"]) if wildcards.number == "2" else []


def constructions_of_table(wildcards):
    """What was put into the latents of the arms that the table describes."""
    return [f"{LAYOUT_IMAGES}/{a}.construction.parquet" for a in built_arms_of_table(wildcards)]


def choices_of(wildcards):
    """The constants to choose among for the control at hand."""
    return LOTTERY["tuning"][wildcards.control]


# A shard of images is known by its path below images/, without suffix.
PART = r"ranking/seeds_\d+-\d+|judging/arms"
SHARD = rf"reference/world|({'|'.join(config['models'])})/({PART})"


def prompts_of_part(wildcards):
    """The prompt table behind a shard: ranking or judging."""
    return f"{RUN}/prompts/good_seed/{wildcards.part.split('/')[0]}.parquet"


TRAINING = "training"
TRAINING_ORDER = {
    "vae": [],
    "net": [],
    "tokenizer": [],
    "clip": ["tokenizer"],
    "text_encoder": ["tokenizer"],
    "latents": ["vae"],
    "text_to_image": ["latents", "text_encoder"],
    "pairs": ["text_to_image"],
    "turbo": ["pairs"],
    "yolo": [],
}


def marks_before(wildcards):
    """The training stages that must be done first."""
    return [f"{TRAINING}/{stage}.done" for stage in TRAINING_ORDER[wildcards.stage]]
