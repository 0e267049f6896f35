"""Every final table and figure: one rule for each record of the catalog.

Inputs: what the record names. Outputs: {run}/good_seed/*, lottery_ticket/*, storybook/*, ledger.*
"""

from seedbed.render.catalog import renderings
from seedbed.render.catalog.jobs import Drawn, files_of

ALL_RENDERINGS = renderings(PLAN)

for rendering in ALL_RENDERINGS:
    drawn = Drawn(PLAN, rendering)
    shown, *beside = rendering.files(PLAN)

    rule:
        """One final table or figure."""
        name:
            f"render_{rendering.name}"
        input:
            needed=drawn.needed,
        output:
            files=[report(shown, caption="../captions/report.rst", **drawn.report), *beside],
        log:
            RUN.log(rendering.place),
        benchmark:
            RUN.benchmark(rendering.place)
        group:
            "render"
        conda:
            "../envs/seedbed.yaml"
        resources:
            runtime=drawn_in,
            renders=1,
        params:
            draw=rendering.draw,
            sources=drawn.sources,
            settings=drawn.settings,
            caption=drawn.caption,
            label=drawn.label,
            made_by=behind("render", [rendering.module, *rendering.loads]),
        message:
            drawn.message
        script:
            "../scripts/render.py"


rule good_seed:
    """Every table and figure of Good Seed."""
    input:
        files_of("Good Seed", PLAN),
        PLAN.library_images(),


rule lottery_ticket:
    """Every table and figure of Lottery Ticket."""
    input:
        files_of("Lottery Ticket", PLAN),


rule storybook:
    """Every table about the Storybook models."""
    input:
        files_of("Storybook", PLAN),


rule ledger:
    """Every claim of both papers, and what the run says of it."""
    input:
        files_of("Ledger", PLAN),
