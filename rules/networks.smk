"""What a job asks for that runs a network: a GPU, memory, and what a profile says of its stage.

Inputs and outputs: none.

Here and not in each rule, since a profile matches rules by their exact names, and a rule of arms
has a number where ``lottery_ticket.arms_per_job`` cuts its group: draw_soft_1, draw_soft_2. Read
last, after every rule that it names.
"""

# Locally a GPU is only counted where --resources gpu=N says how many there are.
NETWORKS = {
    "draws": {
        "encode_prompts": memory_at_hand,
        "generate_images": memory_at_hand,
        "generate_survey": memory_at_hand,
        "generate_library": memory_at_hand,
        "generate_arms": memory_at_hand,
        "generate_diverse": trial_mb,
        "generate_examples": memory_at_hand,
        "generate_contact_sheet": memory_at_hand,
        "inpaint_images": memory_at_hand,
        "swap_seeds": memory_at_hand,
        "time_seeds": memory_at_hand,
        "collect_tickets": memory_at_hand,
        "move_tickets": memory_at_hand,
        "draw_scenes": detecting_mb,
        **{f"draw_{group}": memory_at_hand for group in PLAN.arm_groups},
        "compare_layers": detecting_mb,
        "compare_prompts": detecting_mb,
        "measure_quality": memory_at_hand,
        "measure_filling": memory_at_hand,
    },
    "tunes": {
        "tune_control": detecting_mb,
        "tune_particle_guidance": guidance_mb,
    },
    "trains": {
        "fit_classifiers": classifier_mb,
    },
    "looks": {
        "extract_features": extractor_mb,
        "score_images": scorer_mb,
        "detect_in_survey": detector_mb,
        "detect_objects": detector_mb,
        "measure_composition": composition_mb,
        "measure_swap": swap_mb,
        "measure_text": detector_mb,
        "measure_evaluators": judges_mb,
        "measure_habit_detectors": judges_mb,
        "explain_classifier": classifier_mb,
        "caption_photos": captioner_mb,
    },
}
"""Memory of the jobs of each rule, by stage: draws with a model; draws many times over to choose a
constant; trains on pictures; looks at pictures."""

for stage, jobs in NETWORKS.items():
    for name, memory in jobs.items():
        made = getattr(rules, name).rule
        # Another workflow that takes this one in may leave the rule out.
        if made.resources is None:
            continue
        made.resources.update({"gpu": 1, "mem_mb": memory})
        # The rule's own name counts last, as everywhere.
        for asked in (stage, made.name):
            made.resources.update(workflow.resource_settings.overwrite_resources.get(asked, {}))
