"""What a finished run says of itself: its whole config, claims, checks, what made its results.

Inputs: every table and figure. Outputs: {run}/config.json, ledger.html, artefacts_checked.txt,
made_by.csv, ro-crate-metadata.json
"""

from seedbed.ledger.claim_files import digest
from seedbed.provenance import files_digest
from seedbed.render.catalog.ledger_exhibits import shown

EXHIBITED = shown(PLAN)
CHECKS = sorted(Path(shipped("tests/artefacts")).glob("*.py"))


rule write_config:
    """The complete config of this run, defaults filled in.

    Checks and pages read it, so that an edit of any key reruns them and draws nothing anew.
    """
    output:
        written=RUN.path("config.json"),
    log:
        RUN.log("config"),
    benchmark:
        RUN.benchmark("config")
    conda:
        "../envs/seedbed.yaml"
    params:
        complete=config,
        made_by=behind("write_config"),
    script:
        "../scripts/write_config.py"


rule write_ledger_page:
    """Both papers' tables and figures beside the run's, and the verdicts: one page."""
    input:
        ledger=RUN.table("ledger")[0],
        needed=sum(EXHIBITED.values(), []),
    output:
        page=report(
            RUN.path("ledger.html"),
            caption="../captions/ledger_page.rst",
            category="Ledger",
            labels={"page": "page: both papers beside this run"},
        ),
    log:
        RUN.log("ledger_page"),
    benchmark:
        RUN.benchmark("ledger_page")
    conda:
        "../envs/seedbed.yaml"
    params:
        run=config["run"],
        shown=EXHIBITED,
        claims=digest(),
        made_by=behind("write_ledger_page"),
    script:
        "../scripts/write_ledger_page.py"


rule check_artefacts:
    """Checks on the finished tables and figures of this run."""
    input:
        rules.good_seed.input,
        rules.lottery_ticket.input,
        rules.storybook.input,
        rules.cards.input,
        EXPLORER,
        rules.ledger.input,
        rules.write_ledger_page.output,
        written=rules.write_config.output.written,
    output:
        said=RUN.path("artefacts_checked.txt"),
    log:
        RUN.log("artefacts_checked"),
    benchmark:
        RUN.benchmark("artefacts_checked")
    conda:
        "../envs/seedbed.yaml"
    params:
        log=RUN.log("artefacts_checked"),
        made_by=behind("check_artefacts") | {"checks": files_digest(CHECKS)},
    script:
        "../scripts/check_artefacts.py"


rule tell_provenance:
    """What made every result: code, weights, lock, version, device."""
    input:
        checked=rules.check_artefacts.output.said,
    output:
        table=report(
            RUN.path("made_by.csv"),
            caption="../captions/made_by.rst",
            category="Provenance",
            labels={"table": "made by: code, weights, lock, version and device"},
        ),
    log:
        RUN.log("made_by"),
    benchmark:
        RUN.benchmark("made_by")
    conda:
        "../envs/seedbed.yaml"
    params:
        run=config["run"],
        made_by=behind("tell_provenance"),
    script:
        "../scripts/tell_provenance.py"


rule describe_run:
    """The run as an RO-Crate: its tables and figures, and what made them."""
    input:
        files=[
            *rules.good_seed.input,
            *rules.lottery_ticket.input,
            *rules.storybook.input,
            *rules.ledger.input,
            rules.write_ledger_page.output.page,
            rules.tell_provenance.output.table,
        ],
        written=rules.write_config.output.written,
    output:
        crate=RUN.path("ro-crate-metadata.json"),
    log:
        RUN.log("ro-crate"),
    benchmark:
        RUN.benchmark("ro-crate")
    conda:
        "../envs/seedbed.yaml"
    params:
        run=config["run"],
        made_by=behind("describe_run"),
    script:
        "../scripts/describe_run.py"


rule simulate_claims:
    """How often the ledger's verdicts are right in made-up worlds; asked for by name.

    The page is docs/simulated_claims.md.
    """
    output:
        files=RUN.table("simulated_claims"),
    log:
        RUN.log("simulated_claims"),
    benchmark:
        RUN.benchmark("simulated_claims")
    conda:
        "../envs/seedbed.yaml"
    params:
        worlds=STUDY["judge"]["simulated_worlds"],
        seed=STUDY["statistics_seed"],
        made_by=behind("simulate_claims"),
    script:
        "../scripts/simulate_claims.py"
