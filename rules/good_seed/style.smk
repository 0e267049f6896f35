"""What pictures of a seed look like, and habits that seeds trigger (Figures 8 and 9).

Inputs: pictures of surveys, their Gram features, detections of text.
Outputs: {run}/attributes/*, {run}/style/{model}/*, {run}/habits/{model}/*,
{run}/storybook/habit_detectors.parquet
"""


rule measure_attributes:
    """Brightness, tint, greyscale, borders and sky of every image of a survey's shard."""
    input:
        images=RUN.images(RUN.survey_shard("{model}", "{seeds}")),
    output:
        attributes=RUN.attributes(RUN.survey_shard("{model}", "{seeds}")),
    log:
        RUN.log("attributes/{model}/survey/{seeds}"),
    benchmark:
        RUN.benchmark("attributes/{model}/survey/{seeds}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        thresholds=PIXELS,
        made_by=behind("good_seed/measure_attributes"),
    script:
        "../../scripts/good_seed/measure_attributes.py"


rule map_styles:
    """Maps of the seeds by the style of their pictures, and how far prompts' maps agree (3.4)."""
    input:
        features=surveyed_styles,
        prompts=RUN.split("{model}", "survey"),
    output:
        maps=RUN.style("{model}", "maps.parquet"),
        agreement=RUN.style("{model}", "agreement.parquet"),
    log:
        RUN.log("style/{model}"),
    benchmark:
        RUN.benchmark("style/{model}")
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=style_mb,
    params:
        settings={key: STUDY["style"][key] for key in STUDY["style"] if key != "extractor"},
        statistics=TESTED,
        made_by=behind("good_seed/map_styles"),
    script:
        "../../scripts/good_seed/map_styles.py"


rule check_reader:
    """Before most is drawn: the detector that looks for lettering knows text."""
    output:
        told=RUN.path("detections", "{detector}", "reads.json"),
    log:
        RUN.log("detections/{detector}/reads"),
    benchmark:
        RUN.benchmark("detections/{detector}/reads")
    priority: 1
    conda:
        "../../envs/seedbed.yaml"
    resources:
        mem_mb=detector_mb,
    params:
        name="{detector}",
        entry=evaluator_of("detectors", "detector"),
        made_by=measured_by("good_seed/check_reader", "detectors", "detector"),
    script:
        "../../scripts/good_seed/check_reader.py"


rule survey_habits:
    """How often each seed shows each habit, beside seeds permuted within prompts (3.4)."""
    input:
        READS,
        attributes=surveyed_attributes,
        detections=text_in_survey(RUN.detections),
        looked_at=text_in_survey(RUN.looked_at),
        prompts=RUN.split("{model}", "survey"),
    output:
        seeds=RUN.habits("{model}", "seeds.parquet"),
        summary=RUN.habits("{model}", "summary.parquet"),
    log:
        RUN.log("habits/{model}"),
    benchmark:
        RUN.benchmark("habits/{model}")
    conda:
        "../../envs/seedbed.yaml"
    params:
        study={"confidence": HABITS["confidence"], "statistics": TESTED},
        made_by=behind("good_seed/survey_habits"),
    script:
        "../../scripts/good_seed/survey_habits.py"


rule measure_habit_detectors:
    """How far the detectors of habits can be trusted, on scenes whose habit is known."""
    output:
        rows=RUN.path("storybook", "habit_detectors.parquet"),
    log:
        RUN.log("storybook/habit_detectors"),
    benchmark:
        RUN.benchmark("storybook/habit_detectors")
    conda:
        "../../envs/seedbed.yaml"
    params:
        thresholds=PIXELS,
        confidence=HABITS["confidence"],
        detector=JUDGES["detector"],
        quality=config["quality"],
        made_by=behind(
            "storybook/measure_habit_detectors",
            ["seedbed.evaluators.detectors.ultralytics"],
            detector=JUDGES["detector"],
        ),
    script:
        "../../scripts/storybook/measure_habit_detectors.py"
