"""What decides each claim: a test reads one result of the run, or several, and returns findings.

To decide another claim, write a function that takes the files of its source and the options and
yields findings (``seedbed.ledger.findings``), name it here, and name the test in ``claims/*.yaml``.
Light at import, since the workflow reads the sources at every parse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GOLDEN = "seedbed.good_seed.claims_golden"
CLASSIFIER = "seedbed.good_seed.claims_classifier"
SWAP = "seedbed.good_seed.claims_swap"
STYLE = "seedbed.good_seed.claims_style"
COMPOSITION = "seedbed.good_seed.claims_composition"
INPAINTING = "seedbed.good_seed.claims_inpainting"
ARMS = "seedbed.lottery_ticket.claims_arms"
TICKETS = "seedbed.lottery_ticket.claims_tickets"

SHIPPED = "configs/paper.yaml"
"""The papers' own counts as a config, which comes with the workflow."""
_BORDERS = ("border_left", "border_right", "border_top", "border_bottom", "frame")


@dataclass(frozen=True)
class Decider:
    """What decides a claim.

    Attributes:
        source: the result that it reads: the name of a table of the catalog, or, with a suffix, a
            file: one that every model has under every ranking, as ``golden.json``, or one below
            the ``images/`` of every model with tickets, as ``images/scenes.parquet``; or
            ``SHIPPED``.
        decide: ``module:function``; takes the files of the source, those of each further source,
            and the options, and yields findings.
        options: of the function, by keyword.
        further: sources that it reads as well; a run that lacks one gives no files of it.
    """

    source: str
    decide: str
    options: Mapping = field(default_factory=dict)
    further: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The module that decides."""
        return self.decide.partition(":")[0]

    @property
    def sources(self) -> tuple[str, ...]:
        """All that it reads, in the order of the function."""
        return (self.source, *self.further)


def _beats(metric: str, *parts: str) -> Decider:
    options = {"metric": metric, "parts": parts}
    return Decider("table1_golden_vs_random", f"{GOLDEN}:beats_random", options)


def _habit(*habits: str) -> Decider:
    return Decider("habits", f"{STYLE}:some_seeds", {"habits": habits})


def _names_seeds(column: str) -> Decider:
    return Decider("classifier", f"{CLASSIFIER}:names_seeds", {"column": column})


def _set_by_seed(*attributes: str) -> Decider:
    return Decider("composition_shares", f"{COMPOSITION}:set_by_seed", {"attributes": attributes})


def _less_alike(aim: str, *spared: str) -> Decider:
    options = {"aim": aim, "spared": spared}
    decide = f"{COMPOSITION}:less_alike"
    return Decider("table2_diversity", decide, options, ("diversity_survey",))


def _arms(source: str, **wanted: str) -> Decider:
    return Decider(f"lottery_{source}", f"{ARMS}:arms_differ", {"wanted": wanted})


TESTS: dict[str, Decider] = {
    "seeds differ by distance": Decider(
        "evidence.json", f"{GOLDEN}:range_of_seeds", {"metric": "fd"}
    ),
    "rankings by distance agree": Decider(
        "evidence.json", f"{GOLDEN}:rankings_agree", {"metric": "fd"}
    ),
    "rankings by preference agree": Decider(
        "evidence.json", f"{GOLDEN}:rankings_agree", {"metric": "preference"}
    ),
    "golden seeds are more than chance gives": Decider("golden.json", f"{GOLDEN}:overlap"),
    "golden beat random by distance": _beats("fd", "test", "crossfit"),
    "golden beat random by preference": _beats("preference", "test", "crossfit"),
    "golden beat random on other prompts": _beats("preference", "transfer"),
    "a classifier names seeds of SD 2.0": _names_seeds("SD 2.0"),
    "a classifier names seeds of SDXL Turbo": _names_seeds("SDXL Turbo"),
    "Grad-CAM points at nothing": Decider("gradcam_areas", f"{CLASSIFIER}:points_at_nothing"),
    "the latent decides": Decider("seed_swap", f"{SWAP}:latent_decides"),
    "some seeds give greyscale": _habit("greyscale"),
    "some seeds give sky": _habit("sky"),
    "some seeds give borders": _habit(*_BORDERS),
    "styles lie in the same places": Decider("style_agreement", f"{STYLE}:same_places"),
    "seeds set places": _set_by_seed("x", "y"),
    "seeds set size and depth": _set_by_seed("size", "depth"),
    "diverse seeds differ in style": _less_alike("style"),
    "diverse seeds differ in composition": _less_alike("composition", "SDXL Turbo"),
    "chosen seeds cost nothing": Decider(
        "seconds.json", "seedbed.good_seed.claims_cost:costs_nothing"
    ),
    "seeds insert text": Decider("inpainting_text", f"{INPAINTING}:seeds_insert_text"),
    "the paper's counts": Decider(SHIPPED, "seedbed.planning.claims_counts:papers_counts"),
    "tickets travel": Decider(
        "lottery_properties",
        f"{TICKETS}:keep_scores",
        {"moves": ("another place", "another noise", "another place and noise")},
    ),
    "tickets keep under other prompts": Decider(
        "lottery_properties", f"{TICKETS}:keep_scores", {"moves": ("another prompt",)}
    ),
    "pairs place better than objects alone": Decider(
        "lottery_single_prompts",
        f"{ARMS}:arms_differ",
        {"wanted": {"alone": "higher"}, "of": "pairs"},
    ),
    "SemI places objects": _arms("table1", semi="higher"),
    "SemI beats Paint and equals Swap and Soft": Decider(
        "lottery_comparison",
        f"{ARMS}:arms_differ",
        {"wanted": {"paint": "higher", "swap": "level", "soft": "level"}, "of": "semi"},
    ),
    "SemI improves others": _arms(
        "table1", semi_soft="higher", semi_swap="higher", semi_soft_swap="higher"
    ),
    "SemI gains at every size": Decider("lottery_table1", f"{ARMS}:sizes_gain", {"arm": "semi"}),
    "thresholds trade sizes": Decider("lottery_table2", f"{ARMS}:thresholds_trade"),
    "more noises repeat less": Decider("lottery_table2", f"{ARMS}:noises_repeat"),
    "three objects are placed": Decider(
        "images/scenes.parquet", f"{TICKETS}:scenes_placed", {"figure": "4"}
    ),
    "backgrounds are placed": Decider("lottery_backgrounds", f"{TICKETS}:backgrounds_placed"),
    "noise need not be Gaussian": Decider("lottery_moments", f"{TICKETS}:tolerates"),
    "failures of SemI": Decider("lottery_failures", f"{ARMS}:failures_shown"),
    "what a collection costs": Decider("lottery_cost", f"{TICKETS}:costs_maps"),
}
SOURCES = tuple(dict.fromkeys(source for test in TESTS.values() for source in test.sources))
MODULES = tuple(dict.fromkeys(test.module for test in TESTS.values()))
"""What the ledger loads by name."""
