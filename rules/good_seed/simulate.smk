"""The statistics of golden seeds on worlds whose truth is known; asked for by name.

Inputs: none. Outputs: {run}/simulations/*, {run}/good_seed/simulations.*
"""

from seedbed.good_seed.worlds import KINDS


rule simulate_worlds:
    """Scores, golden seeds and their trial in many worlds of one kind."""
    output:
        rows=RUN.path("simulations", "{kind}.parquet"),
    log:
        RUN.log("simulations/{kind}"),
    benchmark:
        RUN.benchmark("simulations/{kind}")
    wildcard_constraints:
        kind="|".join(KINDS),
    conda:
        "../../envs/seedbed.yaml"
    params:
        kind="{kind}",
        worlds=STUDY["judge"]["simulated_worlds"],
        seed=STUDY["statistics_seed"],
        made_by=behind("good_seed/simulate_worlds"),
    script:
        "../../scripts/good_seed/simulate_worlds.py"


rule tabulate_simulations:
    """How often the chain finds what is there, and what is not; the page is docs/simulations.md."""
    input:
        rows=expand(RUN.path("simulations", "{kind}.parquet"), kind=KINDS),
    output:
        files=RUN.table("good_seed/simulations"),
    log:
        RUN.log("good_seed/simulations"),
    benchmark:
        RUN.benchmark("good_seed/simulations")
    conda:
        "../../envs/seedbed.yaml"
    params:
        made_by=behind("good_seed/tabulate_simulations"),
    script:
        "../../scripts/good_seed/tabulate_simulations.py"


rule simulate_good_seed:
    """The table of simulations."""
    input:
        rules.tabulate_simulations.output.files,
