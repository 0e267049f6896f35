"""One look for all figures: sizes, colours that colour-blind readers can tell apart, saving."""

from __future__ import annotations

from pathlib import Path

from seedbed import store

# Okabe and Ito's palette.
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#666666",
)
COLORS = {
    "blue": BLUE,
    "orange": ORANGE,
    "green": GREEN,
    "red": RED,
    "purple": PURPLE,
    "grey": GREY,
}
"""By the names that records use, ``lottery_ticket.comparison.methods.Method.color``."""
COLUMN = 3.4
"""Width of a one-column figure in inches."""
PAGE = 7.0
"""Width of a full-page figure in inches."""
DPI = 200


def pyplot():
    """Matplotlib's pyplot, without a display, in the house style."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import seaborn as sns

    sns.set_theme(context="paper", style="ticks", font="DejaVu Sans", font_scale=0.9)
    plt.rcParams.update(
        {
            "figure.dpi": DPI,
            "savefig.dpi": DPI,
            "savefig.bbox": "tight",
            "pdf.fonttype": 42,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "legend.frameon": False,
        }
    )
    return plt


def save(figure, png: str | Path, pdf: str | Path) -> None:
    """Write a figure as PNG and PDF, without dates, so equal figures are equal files."""
    import matplotlib.pyplot as plt

    with store.atomic(png) as partial:
        figure.savefig(partial, format="png", metadata={"Software": None})
    with store.atomic(pdf) as partial:
        figure.savefig(partial, format="pdf", metadata={"CreationDate": None})
    plt.close(figure)
