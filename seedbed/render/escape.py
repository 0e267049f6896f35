"""Text as it must stand in LaTeX and in Markdown to be read as text and nothing else.

Names of models, metrics and runs come from a config; pasted into a paper they must neither break
it nor do anything in it.
"""

from __future__ import annotations

import re

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "#": r"\#",
    # Alone they are fine; doubled or beside each other they are ligatures.
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    '"': r"\textquotedbl{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    "±": r"$\pm$",
    "–": "--",
    "−": "$-$",
    "Δ": r"$\Delta$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "≈": r"$\approx$",
    "→": r"$\to$",
    "×": r"$\times$",
    "α": r"$\alpha$",
    "γ": r"$\gamma$",
    "η": r"$\eta$",
    "ρ": r"$\rho$",
    "σ": r"$\sigma$",
    "“": "``",
    "”": "''",
}
# Whatever begins or ends something in Markdown, in a table's cell or in GitHub's formulas. An
# underscore within a word does nothing there.
_MARKDOWN = re.compile(r"[\\`*|<>$~]|\](?=[(\[:])|!(?=\[)|(?<!\w)_|_(?!\w)|&(?=[#\w]+;)")


def latex(text: object) -> str:
    """A line of LaTeX that prints the text."""
    return "".join(_LATEX.get(character, character) for character in _line(text))


def latex_label(text: str) -> str:
    """A name for ``\\label``, of the characters that every package takes."""
    return re.sub(r"[^A-Za-z0-9:.+-]", "-", text)


def markdown(text: object) -> str:
    """A line of Markdown that shows the text."""
    return _MARKDOWN.sub(lambda found: "\\" + found.group(), _line(text))


def _line(text: object) -> str:
    """Blanks of every kind become one; what cannot be printed is left out."""
    return "".join(c for c in " ".join(str(text).split()) if c.isprintable())
