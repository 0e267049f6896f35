"""The finished figures are there, as PNG and PDF, and are not blank."""

import numpy as np
from PIL import Image

EXPECTED = (
    "fig2_seed_swap",
    "fig2_seed_swap_difference",
    "fig3_prompt_kinds",
    "fig6_ranking_fd",
    "fig7_ranking_preference",
)


LOTTERY = (
    "fig1_concept",
    "fig2_collection",
    "fig3_scores",
    "fig4_on_the_fly",
    "fig5_regions",
    "fig6_background",
    "fig7_prompts",
    "fig8_failures",
    "layers",
    "methods",
    "non_gaussian",
    "properties",
)


def check(figures, names):
    for name in names:
        pixels = np.asarray(Image.open(figures / f"{name}.png").convert("RGB"))
        assert min(pixels.shape[:2]) > 250, f"{name} is too small for a paper"
        assert pixels.std() > 10, f"{name} is blank"
        assert (figures / f"{name}.pdf").read_bytes()[:5] == b"%PDF-"


def test_every_figure_is_there_and_holds_a_picture(run, models):
    names = [*EXPECTED, *(f"fig5_best_and_worst_{m}" for m in models)]
    check(run / "good_seed" / "figures", names)
    check(run / "lottery_ticket" / "figures", LOTTERY)


def test_contact_sheets(run, models):
    for model in models:
        pixels = np.asarray(Image.open(run / "storybook" / f"contact_sheet_{model}.png"))
        assert pixels[..., :3].std() > 10
