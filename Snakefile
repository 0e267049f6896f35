"""Seedbed: every table and figure of two papers about the seed of diffusion models.

snakemake --cores all                                     the default run
snakemake --cores all --configfile configs/smoke.yaml     every rule, minimal counts
snakemake --cores all results/default/good_seed/table1_golden_vs_random.csv
"""

from snakemake.utils import min_version

min_version("9.0")


configfile: "config.yaml"


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/prompts.smk"
include: "rules/generate.smk"
include: "rules/measure.smk"
include: "rules/seeds.smk"
include: "rules/good_seed.smk"
include: "rules/tickets.smk"
include: "rules/layout.smk"
include: "rules/lottery_ticket.smk"
include: "rules/storybook.smk"
include: "rules/training.smk"


rule all:
    default_target: True
    input:
        rules.good_seed.input,
        rules.lottery_ticket.input,
        rules.check_artefacts.output,


localrules:
    all,
    good_seed,
    lottery_ticket,
    train_storybook,
