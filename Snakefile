"""Seedbed: every table and figure of two papers about the seed of diffusion models.

snakemake --cores all                                     the default run
snakemake --cores all --configfile configs/smoke.yaml     every rule, minimal counts
snakemake --cores all results/default/good_seed/table1_golden_vs_random.csv
snakemake --cores 1 plan --config plan_budget=24          what it costs, what 24 GPU-hours allow
"""

from snakemake.utils import min_version

from seedbed.run import shipped

min_version("9.0")

DEFAULTS = shipped("config.yaml")


configfile: DEFAULTS


report: "captions/workflow.rst"


include: "rules/common.smk"
include: "rules/good_seed/common.smk"
include: "rules/good_seed/pool_common.smk"
include: "rules/good_seed/classifier_common.smk"
include: "rules/good_seed/style_common.smk"
include: "rules/good_seed/diverse_common.smk"
include: "rules/lottery_ticket/common.smk"
include: "rules/storybook/common.smk"
include: "rules/inputs.smk"
include: "rules/images.smk"
include: "rules/evaluate.smk"
include: "rules/good_seed/pool.smk"
include: "rules/good_seed/rank.smk"
include: "rules/good_seed/judge.smk"
include: "rules/good_seed/simulate.smk"
include: "rules/good_seed/swap.smk"
include: "rules/good_seed/particle_guidance.smk"
include: "rules/good_seed/classifier.smk"
include: "rules/good_seed/style.smk"
include: "rules/good_seed/composition.smk"
include: "rules/good_seed/diversity.smk"
include: "rules/good_seed/inpainting.smk"
include: "rules/good_seed/cost.smk"
include: "rules/lottery_ticket/tickets.smk"
include: "rules/lottery_ticket/comparison.smk"
include: "rules/storybook/quality.smk"
include: "rules/storybook/training.smk"
include: "rules/render.smk"
include: "rules/cards_common.smk"
include: "rules/cards.smk"
include: "rules/explorer.smk"
include: "rules/dataset_common.smk"
include: "rules/dataset.smk"
include: "rules/check.smk"
include: "rules/plan.smk"
include: "rules/networks.smk"


rule all:
    default_target: True
    input:
        rules.good_seed.input,
        rules.lottery_ticket.input,
        rules.storybook.input,
        rules.cards.input,
        EXPLORER,
        rules.ledger.input,
        rules.write_ledger_page.output,
        rules.write_config.output,
        rules.check_artefacts.output,
        rules.tell_provenance.output,
        rules.describe_run.output,


onstart:
    tell_triggers(workflow.rerun_triggers, logger)
    take_hold(elsewhere=not workflow.local_exec)


localrules:
    all,
    plan,
    good_seed,
    simulate_good_seed,
    lottery_ticket,
    storybook,
    cards,
    dataset,
    ledger,
    train_storybook,
