"""The strength of Particle Guidance, with which diverse seeds are compared.

Inputs: held-out prompts, a model, a scorer, an extractor. Outputs: {run}/tuning/{model}/*
"""


rule tune_particle_guidance:
    """The coefficient with the most varied images that keep agreeing with their prompt.

    On prompts that no seed is ranked, judged or surveyed on; the script refuses others.
    """
    input:
        prompts=RUN.prompts(STUDY["particle_guidance"]["prompts"] or STUDY["prompts"]),
        others=prompts_in_use,
    output:
        rows=RUN.tuning("{model}", "particle_guidance.parquet"),
        chosen=RUN.tuning("{model}", "particle_guidance.json"),
    log:
        RUN.log("tuning/{model}/particle_guidance"),
    benchmark:
        RUN.benchmark("tuning/{model}/particle_guidance")
    conda:
        "../../envs/seedbed.yaml"
    params:
        model=of_model,
        evaluators=GUIDED_BY,
        study=GUIDED,
        made_by=guidance_made_by,
    script:
        "../../scripts/good_seed/tune_particle_guidance.py"
