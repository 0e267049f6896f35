"""What all rules share: the checked config, the plan of the run, digests, wildcards.

Inputs: config.yaml and what --configfile merges into it. Outputs: none.
"""

import re
from functools import cache, partial
from pathlib import Path

from seedbed import config as run_config
from seedbed import inputs, locks, partials
from seedbed.models.architectures import configs_of
from seedbed.plan import Plan
from seedbed.provenance import script_digest, weights_digest

# Snakemake would wait for ever.
for option, number in (
    ("cores", workflow.resource_settings.cores),
    ("jobs", workflow.resource_settings.nodes),
):
    if number is not None and number < 1:
        raise WorkflowError(f"--{option} {number}: no job can start; give 1 or more")

try:
    for path in dict.fromkeys([DEFAULTS, *workflow.configfiles]):
        run_config.load(path)
    # Another workflow that takes this one in gives what differs from the default run.
    config = run_config.complete(run_config.merged(run_config.load(DEFAULTS), config))
    PLAN = Plan(config)
except ValueError as fault:
    raise WorkflowError(str(fault)) from None

# What `snakemake plan` is asked for decides no result.
ASKED = {key: config.pop(key) for key in [*config] if key.startswith("plan_")}
RUN = PLAN.run
STUDY = PLAN.good_seed
LOTTERY = PLAN.lottery_ticket

for line in PLAN.left_out:
    logger.info(line)

# Once for a parse: a run of the papers' size asks some thousand times.
digest_of_code, digest_of_weights = cache(script_digest), cache(weights_digest)

# Shards lie below a model's name or below reference/; what stands there is not listed here.
ANY_SHARD = rf"(reference|{'|'.join(config['models'])})/.+"


wildcard_constraints:
    model="|".join(config["models"]),
    prompt_set="|".join(config["prompts"]),
    layout_set="|".join(config["layouts"]),
    pair_set="|".join(config["pairs"]) or "none",
    download="|".join(re.escape(Path(place).name) for place in PLAN.downloads) or "none",
    photos="|".join(PLAN.all_photo_ranges) or "none",
    reference="|".join(config["references"]),
    extractor="|".join(config["extractors"]),
    scorer="|".join(config["scorers"]),
    detector="|".join(config["detectors"]),
    segmenter="|".join(config["segmenters"]) or "none",
    ranking="|".join(map(re.escape, PLAN.rankings)) or "none",
    seeds="|".join(PLAN.all_seed_ranges) or "none",
    prompts="|".join(PLAN.all_prompt_ranges) or "none",
    tests="|".join(PLAN.all_judging_ranges) or "none",
    noises="|".join(PLAN.noises),
    arm="|".join(PLAN.arms),
    control="|".join(PLAN.controls) or "none",
    part="|".join(PLAN.layout_ranges) or "none",


def kept(path):
    """Pictures of seeds, which may be removed once all that reads them is done."""
    return path if config["keep_images"] else temp(path)


def drawn_in(wildcards, attempt):
    """Minutes of a table or figure. They share a job, which asks for those of one after another."""
    return 10 * attempt


def behind(script, modules=(), **sources):
    """What a job's outputs depend on beside its inputs and params.

    Args:
        script: below scripts/, without suffix.
        modules: what the script loads by name.
        sources: entries of the config whose weights are used, by role.
    """
    try:
        weights = {
            role: digest_of_weights(
                entry["source"], entry.get("revision"), configs_of(entry.get("architecture"))
            )
            for role, entry in sources.items()
        }
    except (OSError, ValueError) as fault:
        raise WorkflowError(str(fault)) from None
    return {"code": digest_of_code(script, *modules), "weights": weights}


def of_model(wildcards):
    """What decides the pictures of the model at hand."""
    return PLAN.model(wildcards.model)


def drawn_by(script, modules=()):
    """A params function: code and weights behind a script that draws with the model at hand."""
    return partial(_drawn_by, script=script, modules=tuple(modules))


def _drawn_by(wildcards, script, modules):
    code = [PLAN.model_code(wildcards.model), *modules]
    return behind(script, code, model=PLAN.model(wildcards.model))


def detected_by(script, modules=()):
    """As ``drawn_by``, for scripts that also look with the run's first detector."""
    return partial(_detected_by, script=script, modules=tuple(modules))


def _detected_by(wildcards, script, modules):
    detector = PLAN.detectors[0]
    code = [PLAN.model_code(wildcards.model), PLAN.evaluator_code("detectors", detector), *modules]
    model = PLAN.model(wildcards.model)
    return behind(script, code, model=model, detector=PLAN.evaluator("detectors", detector))


def entry_of(section, wildcard):
    """A params function: the config entry of the input that a wildcard names."""
    return partial(_entry_of, section=section, wildcard=wildcard)


def _entry_of(wildcards, section, wildcard):
    return PLAN.located(section, wildcards[wildcard])


def local_files(section, wildcard):
    """An input function: the local files of this entry, downloaded ones among them."""
    return partial(_local_files, section=section, wildcard=wildcard)


def _local_files(wildcards, section, wildcard):
    entry = PLAN.located(section, wildcards[wildcard])
    return entry.get("parts") or inputs.files(entry)


def _outside(wildcards):
    return PLAN.downloads[f"{config['downloads']}/{wildcards.download}"]


def url_of(wildcards):
    """A params function: where a file is downloaded from."""
    return _outside(wildcards).url


def digest_of(wildcards):
    """A params function: the digest that a downloaded file must have."""
    return _outside(wildcards).sha256


def key_of(wildcards):
    """A params function: the key that can name a local copy of a downloaded file."""
    return f"{_outside(wildcards).key}.local"


def but_photos(wildcards):
    """An input function: what says which photos a set of pairs needs."""
    own = RUN.packed_photos(wildcards.pair_set)
    return [file for file in _local_files(wildcards, "pairs", "pair_set") if file != own]


def photos_at(wildcards):
    """A params function: places in the draw of a range of photos."""
    span = PLAN.all_photo_ranges[wildcards.photos]
    return [span.start, span.stop]


def asked_of_photos(wildcards):
    """A params function: what decides a caption of this set's photos."""
    entry = PLAN.located("prompts", wildcards.prompt_set)
    others = ("parts", "count", "spare", "captions_per_job")
    return {key: value for key, value in entry.items() if key not in others}


def captioned_by(wildcards):
    """A params function: code and weights behind captions."""
    source = PLAN.config["prompts"][wildcards.prompt_set]
    return behind("inputs/caption_photos", model=source)


def captioned_photos(wildcards):
    """An input function: the photos of which captions are made."""
    return inputs.files(PLAN.located("prompts", wildcards.prompt_set))


def excluded_by(section, wildcard):
    """An input function: the set of layouts whose images this entry leaves out."""
    return partial(_excluded_by, section=section, wildcard=wildcard)


def _excluded_by(wildcards, section, wildcard):
    other = config[section][wildcards[wildcard]].get("exclude")
    return [RUN.layouts(other)] if other else []


def made_from(script, section, wildcard):
    """A params function: code behind a script and the kind of this entry."""
    return partial(_made_from, script=script, section=section, wildcard=wildcard)


def _made_from(wildcards, script, section, wildcard):
    return behind(script, [PLAN.input_code(section, wildcards[wildcard])])


def evaluator_of(role, wildcard):
    """A params function: what decides the numbers of the evaluator that a wildcard names."""
    return partial(_evaluator_of, role=role, wildcard=wildcard)


def _evaluator_of(wildcards, role, wildcard):
    return PLAN.evaluator(role, wildcards[wildcard])


def measured_by(script, role, wildcard):
    """A params function: code and weights behind a script that measures with this evaluator."""
    return partial(_measured_by, script=script, role=role, wildcard=wildcard)


def _measured_by(wildcards, script, role, wildcard):
    name = wildcards[wildcard]
    entry = PLAN.evaluator(role, name)
    return behind(script, [PLAN.evaluator_code(role, name)], **{role.removesuffix("s"): entry})


def memory_at_hand(wildcards, attempt):
    """A resources function: memory of a job that draws with the model at hand, by attempt."""
    return attempt * PLAN.memory_mb(wildcards.model)


def detecting_mb(wildcards, attempt):
    """As ``memory_at_hand``, of a job that also looks with the run's first detector, if any."""
    detectors = [("detectors", name) for name in PLAN.detectors[:1]]
    return attempt * PLAN.memory_mb(wildcards.model, *detectors)


def extractor_mb(wildcards, attempt):
    """A resources function: memory of a job that loads this extractor and holds its features."""
    name = wildcards.extractor
    held = PLAN.memory.features(wildcards.shard, name)
    return attempt * max(PLAN.evaluator_mb("extractors", name), held)


def scorer_mb(wildcards, attempt):
    """A resources function: memory of a job that measures with this scorer, by attempt."""
    return attempt * PLAN.evaluator_mb("scorers", wildcards.scorer)


def detector_mb(wildcards, attempt):
    """A resources function: memory of a job that measures with this detector, by attempt."""
    return attempt * PLAN.evaluator_mb("detectors", wildcards.detector)


def composition_mb(wildcards, attempt):
    """A resources function: memory of a job that measures compositions, by attempt."""
    depth = ("depths", STUDY["composition"]["depth"])
    return attempt * PLAN.evaluators_mb(("segmenters", wildcards.segmenter), depth)


def captioner_mb(wildcards, attempt):
    """A resources function: memory of a job that describes photos, by attempt."""
    return attempt * PLAN.captioner_mb(wildcards.prompt_set)


def looking(role):
    """A params function: name and entry of what measures compositions in this role."""
    return partial(_looking, role=role)


def _looking(wildcards, role):
    depth = STUDY["composition"]["depth"]
    name = wildcards.segmenter if role == "segmenters" else depth
    return {"name": name, "entry": PLAN.evaluator(role, name)}


def composed_by(wildcards):
    """A params function: code and weights behind the composition of images."""
    found = {role: _looking(wildcards, role) for role in ("segmenters", "depths")}
    code = [PLAN.evaluator_code(role, each["name"]) for role, each in found.items()]
    sources = {role: each["entry"] for role, each in found.items()}
    return behind("evaluate/measure_composition", code, **sources)


def prompts_of_shard(wildcards):
    """The prompt table behind a shard: its first folder below the model says which."""
    model, part = wildcards.shard.split("/")[:2]
    return RUN.split(model, part)


def tell_triggers(triggers, logger):
    """Say what a profile lacks that takes the place of profiles/default.

    Each rule carries a digest of the code and weights behind it, which knows what can change a
    result; Snakemake's own trigger reruns GPU hours for a comment, and only a profile or the
    command line can switch it off.
    """
    if {"code", "software-env"} & {str(trigger) for trigger in triggers}:
        logger.warning(
            "this profile lets Snakemake rerun jobs after edits that change no result: put "
            "`rerun-triggers: [mtime, input, params]` into it, or pass it as --profile, which "
            "leaves profiles/default in force"
        )


def take_hold(elsewhere):
    """Before the first job: record who has locked the run, remove what killed jobs left of it.

    Args:
        elsewhere: whether jobs run on other machines than this one.
    """
    locks.hold(RUN.folder, elsewhere)
    partials.sweep(RUN.folder)
