"""IoU and success of every guidance box of one arm."""

from seedbed import logs, store


def main(
    detector: dict, confidences: list[float], layouts: str, detections: str, output: str
) -> None:
    from seedbed.features.detect import load_entry
    from seedbed.tickets.trial import scored

    classes = load_entry(detector).names
    store.write_table(scored(detections, store.read_table(layouts), classes, confidences), output)


if "snakemake" in globals():
    logs.setup(snakemake.log[0])
    main(
        snakemake.params.detector,
        snakemake.params.confidences,
        snakemake.input.layouts,
        snakemake.input.detections,
        snakemake.output.objects,
    )
