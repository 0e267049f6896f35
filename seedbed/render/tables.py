"""Final tables: the same rows as CSV (full precision), Markdown and LaTeX (as printed)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from seedbed import store
from seedbed.render import escape

MISSING = "–"


@dataclass(frozen=True)
class Cells:
    """Number formats of one metric."""

    digits: int

    def number(self, value: float | None) -> str:
        if value is None or math.isnan(value):
            return MISSING
        return f"{value:.{self.digits}f}"

    def signed(self, value: float | None) -> str:
        if value is None or math.isnan(value):
            return MISSING
        return f"{value:+.{self.digits}f}"

    def with_sd(self, mean: float | None, sd: float | None) -> str:
        if mean is None or math.isnan(mean):
            return MISSING
        if sd is None or math.isnan(sd):
            return self.number(mean)
        return f"{self.number(mean)} ± {sd:.{self.digits}f}"

    def limits(self, low: float | None, high: float | None) -> str:
        """An interval of a level; ``interval`` is one of a difference."""
        if low is None or math.isnan(low):
            return MISSING
        return f"[{self.number(low)}, {self.number(high)}]"

    def interval(self, low: float | None, high: float | None) -> str:
        if low is None or math.isnan(low):
            return MISSING
        return f"[{self.signed(low)}, {self.signed(high)}]"


def percent(value: float | None) -> str:
    """A relative effect in percent."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{100 * value:+.1f} %"


def to_latex(frame: pd.DataFrame, caption: str, label: str) -> str:
    """A booktabs table; text columns left, numbers as they are printed right."""
    head = " & ".join(escape.latex(c) for c in frame.columns)
    body = "\n".join(
        " & ".join(escape.latex(v) for v in row) + r" \\" for row in frame.itertuples(index=False)
    )
    columns = "l" * min(3, frame.shape[1]) + "r" * max(0, frame.shape[1] - 3)
    return (
        "\\begin{table}\n\\centering\n"
        f"\\caption{{{escape.latex(caption)}}}\n\\label{{{escape.latex_label(label)}}}\n"
        f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{head} \\\\\n\\midrule\n"
        f"{body}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n"
    )


def to_markdown(frame: pd.DataFrame) -> str:
    """A pipe table of text as it is printed."""
    cells = frame.astype(str).map(escape.markdown)
    cells.columns = [escape.markdown(column) for column in frame.columns]
    return cells.to_markdown(index=False, disable_numparse=True)


@dataclass(frozen=True)
class Table:
    """One final table, before it is written.

    Attributes:
        full: raw numbers, one column per quantity.
        printed: formatted strings with the headings that readers see.
        conditions: what only the data can say of the conditions; follows the caption.
    """

    full: pd.DataFrame
    printed: pd.DataFrame
    conditions: str = ""


def write(table: Table, caption: str, label: str, files: Sequence[str | Path]) -> None:
    """Write one table three times, each atomically.

    Args:
        table: what is written.
        caption: what the table shows, under which conditions.
        label: LaTeX label.
        files: paths of CSV (raw), Markdown and LaTeX (as printed).
    """
    csv, markdown, latex = files
    said = f"{caption} {table.conditions}".strip()
    with store.atomic(csv) as partial:
        table.full.to_csv(partial, index=False)
    store.write_text(f"{to_markdown(table.printed)}\n\n{escape.markdown(said)}\n", markdown)
    store.write_text(to_latex(table.printed, said, label), latex)
