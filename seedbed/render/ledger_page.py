"""Both papers beside a run, as one page that opens offline: exhibits, numbers, verdicts.

Each table and figure of a paper stands with what the paper shows there, in our words, what it
reports, what the run made of it, and what the run says of the claims that it supports.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import pandas as pd
from PIL import Image

from seedbed.ledger.claim_files import Exhibit, exhibits
from seedbed.ledger.findings import ABSENT, FAILS, HOLDS, OPEN
from seedbed.render.markdown_table import html_table

WIDTH = 1100
"""Pictures are shown at most so many pixels wide."""
QUALITY = 82
CLASSES = {HOLDS: "holds", FAILS: "fails", OPEN: "open", ABSENT: "absent"}
STYLE = """
:root { color-scheme: light; --line: #ddd; --quiet: #555; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1a1a1a; margin: 0 auto; max-width: 1180px;
  padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.5rem; } h2 { margin-top: 3rem; border-bottom: 2px solid #333; }
article { border-top: 1px solid var(--line); padding: 1rem 0 1.5rem; }
h3 { margin: 0 0 .5rem; font-size: 1.1rem; }
.sides { display: grid; grid-template-columns: minmax(16rem, 1fr) 2.4fr; gap: 1.5rem; }
@media (max-width: 760px) { .sides { grid-template-columns: 1fr; } }
dt { color: var(--quiet); font-size: .85rem; margin-top: .6rem; } dd { margin: 0; }
figure { margin: 0 0 1rem; } figcaption { color: var(--quiet); font-size: .85rem; }
img { max-width: 100%; height: auto; border: 1px solid var(--line); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .82rem; margin: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem;
  border-bottom: 1px solid var(--line); }
.verdict { font-weight: 600; white-space: nowrap; }
.holds { color: #00603f; } .fails { color: #9c3900; } .open { color: #005a8c; }
.absent { color: var(--quiet); }
nav a { margin-right: .8rem; white-space: nowrap; }
summary { cursor: pointer; } a:focus-visible, summary:focus-visible { outline: 2px solid #005a8c; }
"""


def page(run: str, ledger: pd.DataFrame, files: Mapping[str, Sequence[str]]) -> str:
    """The page as HTML.

    Args:
        run: its name.
        ledger: of ``ledger.book``, empty cells as "".
        files: PNGs and Markdown tables of the run, by record of the catalog.
    """
    papers = list(dict.fromkeys(it.paper for it in exhibits()))
    body = [
        f"<h1>What {' and '.join(papers)} say, and run {escape(run)}</h1>",
        f"<p>{_counted(ledger)}</p>",
        "<p>What the papers show is described in our words; their pictures are not here. Models, "
        "evaluators and sizes are this run's: levels are comparable with a paper's where the run's "
        "tables say so, effects and verdicts are what can be set beside it.</p>",
    ]
    for paper in papers:
        mine = [it for it in exhibits() if it.paper == paper]
        links = " ".join(f'<a href="#{_anchor(it)}">{escape(it.name)}</a>' for it in mine)
        body += [f"<h2>{escape(paper)}</h2>", f'<nav aria-label="{escape(paper)}">{links}</nav>']
        body += [_article(it, ledger, files) for it in mine]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(run)}: claims</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _counted(ledger: pd.DataFrame) -> str:
    """How many claims and findings there are, by verdict."""
    counts = ledger["verdict"].value_counts()
    told = ", ".join(f"{counts.get(verdict, 0)} {verdict}" for verdict in CLASSES)
    return f"{ledger['id'].nunique()} claims, {len(ledger)} findings: {told}."


def _anchor(exhibit: Exhibit) -> str:
    return f"{exhibit.paper}-{exhibit.name}".lower().replace(" ", "-")


def _article(exhibit: Exhibit, ledger: pd.DataFrame, files: Mapping[str, Sequence[str]]) -> str:
    shown = [path for name in exhibit.ours for path in files.get(name, ())]
    ours = "\n".join(map(_shown, shown)) or "<p>Not in this run.</p>"
    rows = ledger[ledger["id"].isin(exhibit.claims)]
    return (
        f'<article id="{_anchor(exhibit)}">\n<h3>{escape(exhibit.name)}</h3>\n'
        '<div class="sides">\n<div>\n<dl>\n'
        f"<dt>The paper shows</dt><dd>{escape(exhibit.shows)}</dd>\n"
        f"<dt>The paper's numbers</dt><dd>{escape(exhibit.numbers)}</dd>\n</dl>\n</div>\n"
        f"<div>\n{ours}\n</div>\n</div>\n{_verdicts(rows)}\n</article>"
    )


def _verdicts(rows: pd.DataFrame) -> str:
    heads = ("Claim", "Here", "Verdict", "Ours", "n", "Chance alone", "What would decide it")
    keys = ("about", "verdict", "ours", "n", "chance", "needed")
    said, before = [], None
    for row in rows.to_dict("records"):
        claim = "" if row["id"] == before else f"{row['id']}: {row['claim']}"
        before = row["id"]
        kind = CLASSES.get(row["verdict"], "absent")
        cells = [f"<td>{escape(claim)}</td>"]
        cells += [
            f'<td class="verdict {kind}">{escape(row[key])}</td>'
            if key == "verdict"
            else f"<td>{escape(str(row[key]))}</td>"
            for key in keys
        ]
        said.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "\n".join(said)
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def _shown(path: str) -> str:
    """A picture, or a table that unfolds."""
    name = Path(path).stem.replace("_", " ")
    if path.endswith(".png"):
        return (
            f'<figure><img alt="{escape(name)}" loading="lazy" src="{_picture(path)}">'
            f"<figcaption>{escape(path)}</figcaption></figure>"
        )
    table = html_table(Path(path).read_text(encoding="utf-8"))
    return (
        f'<details><summary>Table: {escape(name)}</summary><div class="wide">{table}</div>'
        f"<p><small>{escape(path)}</small></p></details>"
    )


def _picture(path: str) -> str:
    """A PNG as a data URL, made smaller where it is large."""
    with Image.open(path) as image:
        picture = image.convert("RGB")
    if picture.width > WIDTH:
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="WEBP", quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
