"""What a run uses of its config: the other entries may be of another machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.good_seed.design import design_of
from seedbed.good_seed.guided_models import guided_models


def used_evaluators(config: Mapping) -> Iterator[tuple[str, str]]:
    """Table and name of everything that measures pictures in the run; it need not be defined."""
    study, lottery = config["good_seed"], config["lottery_ticket"]
    found = []
    if study["models"]:
        known = all(model in config["models"] for model in study["models"])
        guided = known and guided_models(config)
        # Without real pictures the first still says how far those of a swap or a group lie apart.
        rest = 1 if study["swap"]["model"] or guided else 0
        ranking = study["extractors"] if study["reference"] else study["extractors"][:rest]
        found += [("extractors", name) for name in ranking]
        found += [("scorers", name) for name in study["scorers"]]
        if any(design_of(study, model)["survey"]["prompts"] for model in study["models"]):
            found.append(("extractors", study["style"]["extractor"]))
            found.append(("detectors", study["habits"]["detector"]))
            if study["composition"]["segmenter"]:
                found.append(("segmenters", study["composition"]["segmenter"]))
                found.append(("depths", study["composition"]["depth"]))
        if study["inpainting"]["model"] is not None:
            found.append(("detectors", study["inpainting"]["reader"]))
        if guided:
            section = study["particle_guidance"]
            found += [("extractors", section[key]) for key in ("extractor", "features")]
    if lottery["models"]:
        found += [("detectors", name) for name in lottery["detectors"]]
    yield from dict.fromkeys(pair for pair in found if pair[1] is not None)


def used_prompts(config: Mapping) -> Iterator[str]:
    """Every set of prompts that the run draws or counts; it need not be defined."""
    study = config["good_seed"]
    if not study["models"]:
        return
    surveys = [design_of(study, model)["survey"]["prompts"] for model in study["models"]]
    named = [study["prompts"], study["transfer_prompts"], *surveys]
    named += [*study["kinds_figure"]["prompts"], *study["library"]["prompts"]]
    named.append(study["particle_guidance"]["prompts"])
    yield from dict.fromkeys(name for name in named if name is not None)
