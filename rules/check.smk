"""What a finished run says of itself: its whole config, checks on its results, what made them.

Inputs: every table and figure. Outputs: {run}/config.json, artefacts_checked.txt, made_by.csv
"""


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


rule check_artefacts:
    """Checks on the finished tables and figures of this run."""
    input:
        rules.good_seed.input,
        rules.lottery_ticket.input,
        rules.storybook.input,
        rules.cards.input,
        EXPLORER,
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
        made_by=behind("check_artefacts"),
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
