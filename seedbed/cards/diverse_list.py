"""Seeds whose pictures differ in style or composition, with the trial of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from seedbed import store
from seedbed.cards.parts import BETTER, by_direction, entry, evidence, gain
from seedbed.good_seed.diversity_arms import DIVERSE
from seedbed.statistics.verdicts import LOWER, UNDECIDED

ABOUT = (
    "seeds whose pictures differ in {aim}: each as far as can be from those before it "
    "(Good Seed, 4.2, eq. 1); every set is a group, begun from another seed"
)
LOW_IS_GOOD = {"similarity": True, "distance": False, "agreement": False}
_NUMBERS = ["difference", "low", "high", "p_value", "n_prompts"]


def diverse_list(files: Mapping[str, str], aim: str, level: float) -> dict:
    """The list of one aim.

    Args:
        files: ``chosen``, ``trial``, ``survey`` (``cards.card_sources``).
        aim: of ``diversity_arms.AIMS``.
        level: of the intervals.
    """
    chosen = store.read_json(files["chosen"], [aim])[aim]
    trial = store.read_table(files["trial"], ["arm", "measure", "verdict", "n_trials", *_NUMBERS])
    trial = trial[trial["arm"] == DIVERSE].set_index("measure", drop=False)
    survey = store.read_table(files["survey"], ["measure", "verdict", "n_seeds", *_NUMBERS])
    sets = [[int(seed) for seed in each] for each in chosen["trials"]]
    said = trial["verdict"].get("similarity", UNDECIDED)
    verdict = by_direction(said, LOWER)
    return entry(
        ABOUT.format(aim=aim),
        verdict,
        f"less alike in {aim} than random groups on prompts that chose none of them (similarity, "
        f"eq. 2): {verdict}",
        sets[0],
        sets=sets,
        evidence=[*_trial(trial, aim, level), *_survey(survey, aim, level)],
        gain=list(_gains(trial, survey)),
    )


def _trial(trial: pd.DataFrame, aim: str, level: float) -> Iterator[dict]:
    for row in trial.to_dict("records"):
        yield evidence(
            f"groups of diverse seeds ({aim}) against random groups, on other prompts",
            row["measure"],
            row,
            level=level,
            n={"prompts": row["n_prompts"], "trials": row["n_trials"]},
        )


def _survey(survey: pd.DataFrame, aim: str, level: float) -> Iterator[dict]:
    for row in survey.to_dict("records"):
        yield evidence(
            f"such seeds ({aim}) from every first seed, chosen on half of the survey and judged "
            "on the other",
            row["measure"],
            row,
            level=level,
            n={"prompts": row["n_prompts"], "seeds": row["n_seeds"]},
        )


def _gains(trial: pd.DataFrame, survey: pd.DataFrame) -> Iterator[dict]:
    where = {"on prompts that chose none of them": trial, "on the other half of the survey": survey}
    for about, table in where.items():
        for row in table.to_dict("records"):
            better = BETTER[LOW_IS_GOOD[row["measure"]]]
            words = f"against random groups, {about}"
            yield gain(row["measure"], row["difference"], better, "held out", words)
