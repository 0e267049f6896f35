"""The page that sets both papers beside a run, and README's tables of claims."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from seedbed import config
from seedbed.ledger.book import COLUMNS, ledger
from seedbed.ledger.claim_files import exhibits
from seedbed.plan import Plan
from seedbed.render.catalog.ledger_exhibits import shown
from seedbed.render.ledger_page import WIDTH, page
from seedbed.render.markdown_table import html_table
from seedbed.render.readme_ledger import claims_said
from seedbed.render.tables import to_markdown


@pytest.fixture
def rows():
    return ledger({}).astype(object).fillna("")


def test_every_exhibit_stands_beside_what_the_run_made(tmp_path, rows):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 2 * WIDTH, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "swap.png")
    table = to_markdown(pd.DataFrame({"a|b": ["x < y"], "c": ["1"]}))
    (tmp_path / "swap.md").write_text(f"{table}\n\nSaid of it.\n")
    files = {"fig2_seed_swap": [str(tmp_path / "swap.png"), str(tmp_path / "swap.md")]}
    rows.loc[rows["id"] == "G11", ["verdict", "ours"]] = ["holds", "1 < 2"]
    text = page("toy", rows, files)
    assert text.count("<article ") == len(exhibits()) and text.count("<img ") == 1
    assert text.count("Not in this run.") == len(exhibits()) - 1
    assert '<td class="verdict holds">holds</td>' in text and "1 &lt; 2" in text
    assert "<td>x &lt; y</td>" in text and '<th scope="col">a|b</th>' in text
    assert "Said of it." in text and "http" not in text and "<script" not in text
    assert len(text) < 400_000  # half as wide


def test_a_text_without_a_table_is_refused():
    with pytest.raises(ValueError, match="pipe table"):
        html_table("nothing")


def test_exhibits_name_what_the_catalog_has():
    plan = Plan(config.complete(config.load("config.yaml")))
    found = shown(plan)
    assert set(found) == {name for it in exhibits() for name in it.ours}
    assert all(path.endswith((".png", ".md")) for paths in found.values() for path in paths)


def test_a_claim_has_a_row_for_each_verdict():
    row = dict.fromkeys(COLUMNS, "") | {"paper": "Good Seed", "claim": "seeds differ", "n": "9"}
    rows = [
        row | {"id": "G1", "about": "a", "verdict": "holds", "ours": "1"},
        row | {"id": "G1", "about": "b", "verdict": "holds", "ours": "2"},
        row | {"id": "G1", "about": "c", "verdict": "cannot be told", "needed": "about 4 seeds"},
        row | {"id": "G2", "verdict": "not in this run"},
    ]
    said = claims_said(rows, "Good Seed")
    assert said.startswith(
        "2 claims: 1 different by model, design or measure and 1 not decided by this run."
    )
    lines = [line for line in said.splitlines() if line.startswith("|")][2:]
    assert len(lines) == 3
    assert "G1: seeds differ" in lines[0] and "holds (2)" in lines[0] and "a; b" in lines[0]
    assert "G1" not in lines[1] and "about 4 seeds" in lines[1]
