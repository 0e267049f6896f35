"""Checks of ``good_seed.particle_guidance``: names, prompts that nothing else uses."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.config.messages import unknown

HERE = "good_seed.particle_guidance"


def faults(config: Mapping) -> list[str]:
    """One line for each fault of the section in a config that is complete."""
    study = config["good_seed"]
    section = study["particle_guidance"]
    lines = [
        unknown(f"{HERE}.{key}", section[key], config[table], table)
        for key, table in (
            ("prompts", "prompts"),
            ("extractor", "extractors"),
            ("features", "extractors"),
        )
        if section[key] is not None and section[key] not in config[table]
    ]
    used = {key: study[key] for key in ("prompts", "transfer_prompts")}
    used["survey.prompts"] = study["survey"]["prompts"]
    lines += [
        f"{HERE}.prompts: the same set as good_seed.{key}; its strength must be chosen on prompts "
        "that nothing is judged on"
        for key, name in used.items()
        if name is not None and name == section["prompts"]
    ]
    # Of a file or a download, the rows are known only once it is read.
    count = config["prompts"].get(section["prompts"], {}).get("count")
    if count is not None and count < section["count"]:
        lines.append(
            f"{HERE}.count: {section['count']} prompts, but prompts.{section['prompts']}.count is "
            f"{count}; lower it or raise that"
        )
    return lines
