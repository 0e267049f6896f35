"""Tables of a small made-up run, as the jobs of a run write them, for seed cards.

Eight seeds were ranked on two sets and surveyed; numbers are round, so that what a card says of
them can be worked out by hand.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.cards import folder as cards
from seedbed.cards.ticket_entry import write_tickets
from seedbed.lottery_ticket.tickets.collection import Collection

SEEDS = range(8)
RANKING = "net+clip"
SHAPE, GRID = (4, 8, 8), 4
NOISES = [100, 101, 102]
WORDS = ("apple", "boat", "tree")
READING = {
    "layer": "down_blocks.0.attentions.0",
    "score_mode": "minmax",
    "fixed_positions": False,
    "article": "literal",
}
RULE = {"preset": "paper", "positions": "as_read", "t_obj": None, "t_bg": None}


def write(folder: Path, latent_shape: tuple[int, ...] = SHAPE) -> dict:
    """All tables; returns what ``cards.card_sources.sources_of`` would say of them."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "golden": {RANKING: _golden(folder)},
        "diverse": {aim: _diverse(folder, aim) for aim in ("style", "composition")},
        "habits": _habits(folder),
        "tickets": _tickets(folder, latent_shape),
        "absent": {},
    }


def write_card(folder: Path, latent_shape: tuple[int, ...] = SHAPE) -> dict:
    """The run's card in a folder, its tables below it; returns what it was made from."""
    sources = write(folder / "tables", latent_shape)
    tickets = str(folder / "tickets.safetensors")
    write_tickets(sources["tickets"]["collection"], NOISES, tickets)
    files = [str(folder / name) for name in ("card.json", "card.schema.json", "README.md")]
    cards.write_card(cards.content(about(latent_shape), sources, tickets), *files)
    return sources


def about(latent_shape: tuple[int, ...] = SHAPE) -> dict:
    """What ``cards.folder.content`` is told beside the tables."""
    return {
        "model": {"name": "tiny", "family": "sd", "source": "a/tiny", "revision": None}
        | {"weights": "ab12", "latent_shape": list(latent_shape)},
        "measured_under": {"stream": "cpu", "scheduler": "ddim", "steps": 20, "guidance": 4.0}
        | {"eta": 0.0, "precision": "float32", "weights": "float32"},
        "made_by": {
            **{"run": "small", "commit": "unknown", "config": "cd34", "seedbed": "0"},
            "devices": ["a CPU"],
        },
        "tickets": {"rule": RULE, "reading": READING, "noises": NOISES},
        "share": 0.5,
        "level": 0.95,
    }


def _golden(folder: Path) -> dict:
    files = {
        key: str(folder / name)
        for key, name in {
            "golden": "golden.json",
            "scores": "scores.parquet",
            "evidence": "evidence.json",
            "judged": "judged_differences.parquet",
            "crossfit": "crossfit_differences.parquet",
        }.items()
    }
    tops = {"fd": [3, 5, 1, 2], "preference": [3, 1, 2, 0]}
    golden = {"seeds": [3, 1, 2], "k": 3, "k_expected": 2.0, "k_sd": 0.76, "p_at_least_k": 0.24}
    store.write_json(golden | {"tops": tops, "n_pool": 8}, files["golden"])
    store.write_table(pd.concat([_scores(1), _scores(2)], ignore_index=True), files["scores"])
    correlation = {"rho": 0.5, "p_value": 0.2, "low": -0.1, "high": 0.9, "n": 8}
    across = {
        metric: {
            "correlation": correlation,
            "both_sets": 0.6,
            "covariance": {"covariance": 1.0, "low": 0.1, "high": 2.0, "p_value": 0.04},
            "verdict": "some are better",
        }
        for metric in ("fd", "preference")
    }
    facts = {"n_seeds": 8, "n_prompts": {"set1": 12, "set2": 10}, "set1_against_set2": across}
    store.write_json(facts, files["evidence"])
    store.write_table(differences("test", "transfer"), files["judged"])
    store.write_table(differences("crossfit"), files["crossfit"])
    return files


def _scores(place: int) -> pd.DataFrame:
    # Rank sums by fd (low) and preference (high): 3 1 2, then 5 0 4 6 7.
    fd = np.array([40.0, 38, 39, 30, 41, 34, 42, 43]) + place
    preference = np.array([0.5, 0.8, 0.6, 0.9, 0.4, 0.3, 0.2, 0.1])
    found = {"seed": list(SEEDS), "split": f"set{place}", "n_prompts": 12}
    for metric, values in (("fd", fd), ("preference", preference)):
        found |= {metric: values, f"{metric}_low": values - 0.05, f"{metric}_high": values + 0.05}
        found[f"{metric}_shrunk"] = values.mean() + 0.5 * (values - values.mean())
    return pd.DataFrame(found)


def differences(*parts: str, verdicts=("lower", "higher"), as_many=None) -> pd.DataFrame:
    """Golden seeds and as many at random against the pool; the former against the latter, with
    verdicts ``as_many``."""
    rows = []
    for part in parts:
        for arm, against in (("golden", "pool"), ("random_k", "pool"), ("golden", "random_k")):
            said = as_many or verdicts if against == "random_k" else verdicts
            for metric, value, verdict in zip(
                ("fd", "preference"), (-2.0, 0.125), said, strict=True
            ):
                rows.append(
                    {"arm": arm, "against": against, "metric": metric, "part": part}
                    | {"difference": value, "low": value - 0.1, "high": value + 0.1}
                    | {"narrow_low": value - 0.08, "narrow_high": value + 0.08}
                    | {"p_value": 0.004, "p_adjusted": 0.01, "n": 16, "effect": 1.5}
                    | {"verdict": verdict}
                )
    return pd.DataFrame(rows)


def _diverse(folder: Path, aim: str) -> dict:
    files = {
        "chosen": str(folder / "diverse.json"),
        "trial": str(folder / f"{aim}.parquet"),
        "survey": str(folder / f"{aim}_survey.parquet"),
    }
    chosen = {"trials": [[4, 0, 7], [2, 6, 1]], "nearest": [1.0, 2.0]}
    store.write_json(
        {"selection_prompts": [], "style": chosen, "composition": chosen}, files["chosen"]
    )
    said = {"difference": -0.02, "low": -0.03, "high": -0.01, "p_value": 0.002, "verdict": "lower"}
    said = said if aim == "style" else said | {"high": 0.01, "verdict": "undecided"}
    trial = [
        {"arm": "random", "measure": "similarity", "n_prompts": 6, "n_trials": 2},
        {"arm": "diverse", "measure": "similarity", "n_prompts": 6, "n_trials": 2, **said},
    ]
    store.write_table(pd.DataFrame(trial), files["trial"])
    survey = {"measure": "similarity", **said, "below": 0.8, "n_prompts": 4, "n_seeds": 8}
    store.write_table(pd.DataFrame([survey]), files["survey"])
    return files


def _habits(folder: Path) -> dict:
    files = {
        "seeds": str(folder / "habit_seeds.parquet"),
        "summary": str(folder / "habits.parquet"),
    }
    names = ["greyscale", "border_left", "border_right", "border_top", "border_bottom", "frame"]
    rows, summary = [], []
    for habit in (*names, "lettering"):
        shows = habit in ("border_left", "frame")
        for seed in SEEDS:
            hit = shows and seed == 6
            rate = 0.75 if hit else 0.0
            rows.append(
                {"habit": habit, "seed": seed, "rate": rate, "low": 0.0, "high": 1.0}
                | {"p_corrected": 0.01 if hit else 1.0, "flagged": hit, "chosen": hit}
                | {"first": rate, "second": rate, "p_second": 0.01 if hit else np.nan}
                | {"confirmed": hit}
            )
        summary.append(
            {"habit": habit, "images": 32, "n_seeds": 8, "n_prompts": 4, "rate": 0.09375 * shows}
            | {"share": 0.5 * shows, "share_low": 0.25 * shows, "share_high": 0.75 * shows}
            | {"share_null_95": 0.125, "p_value": 0.01, "p_adjusted": 0.04, "most_by_chance": 0.5}
            | {"flagged": int(shows), "flagged_by_chance": 0.05, "chosen": int(shows)}
            | {"confirmed": int(shows), "chosen_rate": 0.75 if shows else np.nan}
            | {"verdict": "higher" if shows else "undecided" if habit == "greyscale" else "level"}
        )
    store.write_table(pd.DataFrame(rows), files["seeds"])
    store.write_table(pd.DataFrame(summary), files["summary"])
    return files


def collection(noises=NOISES, shape=SHAPE, grid=GRID) -> Collection:
    """Tickets of three words whose scores of a noise depend on its seed alone."""
    pairs = tuple((a, b) for i, a in enumerate(WORDS) for b in WORDS[i + 1 :])
    scores = [np.random.default_rng(s).random((len(pairs), 2, grid * grid)) for s in noises]
    origin = {"score_mode": "minmax", "layer": READING["layer"], "timestep": "951"}
    origin |= {"tokens": "mean of sub-tokens", "article": "literal", "positions": "as_read"}
    origin |= {"model": "tiny", "weights": "ab12"}
    array = np.asarray(scores).astype(np.float16)
    return Collection(array, tuple(noises), pairs, grid, shape, "cpu", origin)


def _tickets(folder: Path, shape: tuple[int, ...]) -> dict:
    files = {"collection": [], "differences": str(folder / "differences.parquet")}
    for part in (NOISES[:2], NOISES[2:]):
        path = folder / f"noises_{part[0]}.safetensors"
        collection(part, shape).save(path)
        files["collection"].append(str(path))
    rows = [
        {"arm": arm, "partner": "sd", "confidence": confidence, "size": size, "measure": measure}
        | {"difference": 0.05, "low": 0.03, "high": 0.07, "p_value": 0.001, "verdict": "higher"}
        | {"n_objects": 30, "n_images": 20}
        for arm in ("paint", "semi")
        for confidence in (0.25, 0.5)
        for size in ("all", "small")
        for measure in ("iou", "success")
    ]
    store.write_table(pd.DataFrame(rows), files["differences"])
    return files
