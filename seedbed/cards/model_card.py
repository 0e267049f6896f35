"""The page of a seed card: a hub's model card, YAML front matter and Markdown, from its content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from seedbed.card_schema import ABSENT, SUPPORTED, TICKETS
from seedbed.render.escape import markdown

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
SHOWN = 16
"""Seeds of a list on the page; all are in card.json."""


def page(card: Mapping) -> str:
    """The page of a card's content."""
    name = markdown(card["model"]["name"])
    parts = [
        f"---\n{yaml.safe_dump(_front(card), sort_keys=False, allow_unicode=True)}---\n",
        f"# Seeds of {name}\n",
        f"What a run of Seedbed found out about the random seeds of {name}: which to take, which "
        "to leave, and what it knows that from. Seeds mean the noise that was drawn; they hold for "
        "this model, this noise stream and what they were measured under.\n",
        _use(card),
        _measured(card),
        *_lists(card),
        *_tickets(card),
        _words_of_evidence(),
    ]
    return "\n".join(parts)


def _front(card: Mapping) -> dict:
    source = card["model"]["source"]
    front = {
        "library_name": "seedbed",
        "pipeline_tag": "text-to-image",
        "tags": ["seedbed", "seeds", "noise", "diffusers"],
    }
    # A folder of one's own is no model of the hub.
    is_hub_id = _HUB_ID.fullmatch(source) and not Path(source).exists()
    return front | ({"base_model": source} if is_hub_id else {})


def _use(card: Mapping) -> str:
    lines = [
        "```python",
        "import seedbed",
        "",
        'card = seedbed.Card.load("path/to/this/folder")  # or its hub id',
        'latents = card.latents(pipe, "golden", n=4)',
        "images = pipe(prompt, latents=latents, num_images_per_prompt=4).images",
        "```\n",
    ]
    return "\n".join(lines)


def _measured(card: Mapping) -> str:
    under, made = card["measured_under"], card["made_by"]
    rows = {
        "Model": f"{card['model']['source']}, weights {card['model']['weights']}",
        "Noise": f"torch's generator on the {under['stream']} stream"
        + (f" of {under['gpu']}" if under.get("gpu") else ""),
        "Latents": _shape(card["model"]["latent_shape"]),
        "Sampler": f"{under['scheduler']}, {under['steps']} steps, guidance {under['guidance']:g}, "
        f"eta {under['eta']:g}",
        "Precision": f"{under['precision']}, weights in {under['weights']}",
        "Run": f"{made['run']}, Seedbed {made['seedbed']}, commit {made['commit'][:12]}, "
        f"config {made['config']}",
        "Drawn on": ", ".join(made.get("devices") or ["not recorded"]),
    }
    lines = ["## Measured under\n", "| | |", "|:--|:--|"]
    lines += [f"| {key} | {markdown(value)} |" for key, value in rows.items()]
    return "\n".join(lines) + "\n"


def _shape(sides: list[int] | None) -> str:
    return " × ".join(map(str, sides)) if sides else "not recorded"


def _lists(card: Mapping) -> Iterator[str]:
    for name, entry in card["lists"].items():
        yield f"## {markdown(name)}\n"
        if entry["state"] == ABSENT:
            yield f"Not in this run: {markdown(entry['why'])}.\n"
            continue
        yield f"{_sentence(entry['about'])} **{_said(entry)}**\n"
        yield f"Seeds: {_seeds(entry['seeds'])}\n"
        if entry["next"]:
            yield f"Who would follow: {_seeds(entry['next'])}\n"
        for place, each in enumerate(entry["sets"][1:], start=2):
            yield f"Set {place}: {_seeds(each)}\n"
        if entry["gain"]:
            yield _gain(entry)
        if entry["evidence"]:
            yield _evidence(entry)


def _tickets(card: Mapping) -> Iterator[str]:
    entry = card["tickets"]
    yield "## Tickets\n"
    if entry["state"] == ABSENT:
        yield f"Not in this run: {markdown(entry['why'])}.\n"
        return
    yield f"{_sentence(entry['about'])} **{_said(entry)}**\n"
    rule = ", ".join(f"{k} {v}" for k, v in entry["rule"].items() if v is not None)
    reading = ", ".join(f"{k} {v}" for k, v in entry["reading"].items())
    noises = f"{len(entry['noises'])} noises from seed {entry['noises'][0]}"
    yield f"`{TICKETS}`: {noises}; {markdown(rule)}; {markdown(reading)}\n"
    yield f"Words: {markdown(', '.join(entry['words']))}\n"
    if entry["evidence"]:
        yield _evidence(entry)


def _said(entry: Mapping) -> str:
    no = "" if entry["verdict"] == SUPPORTED else "no evidence behind it: "
    return f"{_sentence(no + entry['verdict'])} {_sentence(entry['says'])}"


def _sentence(text: str) -> str:
    text = markdown(text)
    return f"{text[:1].upper()}{text[1:]}."


def _seeds(seeds: list[int]) -> str:
    if not seeds:
        return "none."
    more = f" and {len(seeds) - SHOWN} more" if len(seeds) > SHOWN else ""
    return ", ".join(map(str, seeds[:SHOWN])) + more + "."


def _gain(entry: Mapping) -> str:
    lines = ["| Gain | Value | Better | Kind | |", "|:--|--:|:--|:--|:--|"]
    for row in entry["gain"]:
        cells = (row["measure"], number(row["value"]), row["better"], row["kind"], row["about"])
        lines.append(f"| {' | '.join(map(markdown, cells))} |")
    return "\n".join(lines) + "\n"


def _evidence(entry: Mapping) -> str:
    lines = ["| Evidence | Measure | Value | Interval | Chance | p | n | Says |"]
    lines.append("|:--|:--|--:|:--|:--|--:|:--|:--|")
    for row in entry["evidence"]:
        interval = "–" if row["low"] is None else f"[{number(row['low'])}, {number(row['high'])}]"
        p = row["p_value"] if row["p_adjusted"] is None else row["p_adjusted"]
        cells = (
            row["what"],
            row["measure"],
            number(row["value"]),
            interval,
            f"{number(row['chance'])} ({row['chance_is']})",
            "–" if p is None else f"{p:.3f}",
            ", ".join(f"{n} {what}" for what, n in row["n"].items()),
            row["verdict"],
        )
        lines.append(f"| {' | '.join(map(markdown, cells))} |")
    return "\n".join(lines) + "\n"


def number(value: float | None) -> str:
    """Four digits that count, however small the measure's unit."""
    return "–" if value is None else f"{value:.4g}".replace("-", "−")


def _words_of_evidence() -> str:
    return (
        "## How to read it\n\n"
        "*Supported*: what the list claims held on pictures that chose none of it. *Undecided*: it "
        "cannot be told. *Refuted*: the contrary, or a difference that does not matter. Intervals "
        "are of the level in card.json, mostly 95 %; p is adjusted where a test is one of several. "
        "*Shrunken*: drawn to the mean of all seeds by how far scores repeat, since the best of "
        "many look better than they are. *Held out*: measured on prompts that chose none of it.\n"
    )
