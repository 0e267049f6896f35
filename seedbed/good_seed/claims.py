"""What Good Seed claims, and whether a run bears it out: one record per claim.

A claim is decided by a function that reads one result of the run and returns findings, one for each
model or design that it looks at. To decide another claim, write such a function beside those of
``claims_golden`` and name it, with its source, in the record. Light at import, since the workflow
reads the sources at every parse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from seedbed.good_seed.findings import File


@dataclass(frozen=True)
class Claim:
    """One claim of the paper.

    Attributes:
        id: as in the list of claims.
        text: the claim, in the paper's terms.
        where: its place in the paper.
        source: the result that decides it: the name of a table of the catalog, or, with a suffix, a
            file that every model has under every ranking, as ``golden.json``; ``None`` where
            nothing decides it.
        decide: ``module:function`` of this folder; takes the files of the source and the options,
            and yields findings.
        options: of the function, by keyword.
    """

    id: str
    text: str
    where: str
    source: str | None = None
    decide: str = ""
    options: Mapping = field(default_factory=dict)


_GOLDEN = "claims_golden"
_CLASSIFIER = "claims_classifier"
_STYLE = "claims_style"
_COMPOSITION = "claims_composition"
_BORDERS = (*(f"border_{side}" for side in ("left", "right", "top", "bottom")), "frame")
_TABLE1 = "table1_golden_vs_random"
_TABLE2 = "table2_diversity"
_SHARES = "composition_shares"
_BORDERS = ("border_left", "border_right", "border_top", "border_bottom", "frame")
CLAIMS = (
    Claim(
        *("G1", "best and worst seed differ: FID 21.60 and 31.97 (SD 2.0)", "abstract, 3.4"),
        *("evidence.json", f"{_GOLDEN}:range_of_seeds", {"metric": "fd"}),
    ),
    Claim(
        *("G2", "rankings by FID carry over to a second prompt set", "Fig 6"),
        *("evidence.json", f"{_GOLDEN}:rankings_agree", {"metric": "fd"}),
    ),
    Claim(
        *("G3", "rankings by HPS v2 carry over", "Fig 7"),
        *("evidence.json", f"{_GOLDEN}:rankings_agree", {"metric": "preference"}),
    ),
    Claim(
        *("G4", "golden seeds: 65 (SD 2.0), 67 (Turbo) in both top 256", "4.1"),
        *("golden.json", f"{_GOLDEN}:overlap"),
    ),
    Claim(
        *("G5", "golden seeds beat random ones by FID", "Table 1", _TABLE1),
        *(f"{_GOLDEN}:beats_random", {"metric": "fd", "parts": ("test", "crossfit")}),
    ),
    Claim(
        *("G6", "golden seeds beat random ones by HPS v2", "Table 1", _TABLE1),
        *(f"{_GOLDEN}:beats_random", {"metric": "preference", "parts": ("test", "crossfit")}),
    ),
    Claim(
        *("G7", "and on prompts of another kind (PartiPrompts)", "Table 1", _TABLE1),
        *(f"{_GOLDEN}:beats_random", {"metric": "preference", "parts": ("transfer",)}),
    ),
    Claim(
        *("G8", "a classifier names the seed of 1,024 with 99.994 % (SD 2.0)", "3.3"),
        *("classifier", f"{_CLASSIFIER}:names_seeds", {"column": "SD 2.0"}),
    ),
    Claim(
        *("G9", "and with 99.956 % for SDXL Turbo", "3.3"),
        *("classifier", f"{_CLASSIFIER}:names_seeds", {"column": "SDXL Turbo"}),
    ),
    Claim(
        *("G10", "Grad-CAM of the classifier is not easily interpreted", "Fig 4"),
        *("gradcam_areas", f"{_CLASSIFIER}:points_at_nothing"),
    ),
    Claim(
        "G11",
        "the initial latent decides the content; noise at intermediate steps has no visible effect",
        *("Fig 2, 3.1", "seed_swap", "claims_swap:latent_decides"),
    ),
    Claim(
        *("G12", "some seeds give greyscale images whatever the prompt", "Fig 8 top", "habits"),
        *(f"{_STYLE}:some_seeds", {"habits": ("greyscale",)}),
    ),
    Claim(
        *("G13", "some give prominent sky regions", "Fig 8 bottom", "habits"),
        *(f"{_STYLE}:some_seeds", {"habits": ("sky",)}),
    ),
    Claim(
        *("G14", "some add borders or frames", "Fig 9", "habits"),
        *(f"{_STYLE}:some_seeds", {"habits": _BORDERS}),
    ),
    Claim(
        *("G15", "style clusters by seed, in the same places for all prompts", "Fig 8"),
        *("style_agreement", f"{_STYLE}:same_places"),
    ),
    Claim(
        *("G16", "object place is set by the seed, for all modifiers of a category"),
        *("Fig 10 left", _SHARES, f"{_COMPOSITION}:set_by_seed", {"attributes": ("x", "y")}),
    ),
    Claim(
        *("G17", "so are size and depth", "Fig 10 right", _SHARES),
        *(f"{_COMPOSITION}:set_by_seed", {"attributes": ("size", "depth")}),
    ),
    Claim(
        *("G18", "diverse seeds lower style similarity", "Table 2", _TABLE2),
        *(f"{_COMPOSITION}:less_alike", {"aim": "style"}),
    ),
    Claim(
        *("G19", "diverse seeds lower composition similarity (SD 2.0), not for Turbo"),
        *("Table 2", _TABLE2, f"{_COMPOSITION}:less_alike"),
        {"aim": "composition", "spared": ("SDXL Turbo",)},
    ),
    Claim(
        *("G20", "some seeds insert text when inpainting, in both tasks", "Fig 12, 4.3"),
        *("inpainting_text", "claims_inpainting:seeds_insert_text"),
    ),
    Claim(
        *("G21", "golden and diverse seeds cost nothing at inference", "1, 5"),
        *("seconds.json", "claims_cost:costs_nothing"),
    ),
    Claim("G22", "46 million images: 22,512 prompts × 1,024 seeds × 2 models", "3.2"),
)
SOURCES = tuple(dict.fromkeys(claim.source for claim in CLAIMS if claim.source))
COLUMNS = ["id", "claim", "where", "about", "verdict", "ours", "n", "chance", "source"]


def ledger(files: Mapping[str, Sequence[File]]) -> pd.DataFrame:
    """Every claim with what the run says of it.

    Args:
        files: those of each source that the run has.

    Returns:
        ``COLUMNS``: a row per finding, and one that says ``ABSENT`` for a claim that nothing in the
        run decides.

    Raises:
        StoreError: a file is missing or lacks what a claim reads.
    """
    import pandas as pd

    from seedbed.good_seed.findings import ABSENT, Finding

    rows = []
    for claim in CLAIMS:
        found = []
        if files.get(claim.source):
            module, _, function = claim.decide.partition(":")
            decide = getattr(import_module(f"seedbed.good_seed.{module}"), function)
            found = list(decide(files[claim.source], **claim.options))
        source = claim.source if found else ""
        for it in found or [Finding("", ABSENT)]:
            said = (it.about, it.verdict, it.ours, it.n, it.chance)
            rows.append((claim.id, claim.text, claim.where, *said, source))
    return pd.DataFrame(rows, columns=COLUMNS)
