"""The page on which a run's seeds are browsed.

Inputs: pictures of rankings, surveys and fillings, and what was measured of them.
Outputs: {run}/explorer.html
"""

from seedbed.render.explorer import explored
from seedbed.render.explorer.page_files import page_digest

EXPLORED = explored.sources(PLAN)
# A run that studies no seeds has nothing to browse.
EXPLORER = [RUN.explorer] if EXPLORED else []


rule draw_explorer:
    """One page, readable offline: seeds × prompts × numbers of every model."""
    input:
        needed=explored.files(EXPLORED),
        written=RUN.path("config.json"),
    output:
        page=RUN.explorer,
    log:
        RUN.log("explorer"),
    benchmark:
        RUN.benchmark("explorer")
    conda:
        "../envs/seedbed.yaml"
    params:
        models=EXPLORED,
        made_by=behind("draw_explorer") | {"page": page_digest()},
    script:
        "../scripts/draw_explorer.py"
