"""What the catalog holds: one record per final table or figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.plan import Plan

Of = Callable[["Plan", Mapping[str, str]], dict]
"""Something of a run for the values of a rendering's wildcards."""


def once(plan: Plan) -> list[dict[str, str]]:
    """One table or figure for the whole run."""
    return [{}]


def nothing(plan: Plan, at: Mapping[str, str]) -> dict:
    """No settings, no placeholders."""
    return {}


@dataclass(frozen=True)
class Rendering:
    """One final table or figure: where it lies, what draws it from what, what is said of it.

    Attributes:
        name: its rule is ``render_{name}``.
        place: below the run's folder, without suffix; may hold wildcards in braces.
        kind: ``table`` or ``figure``.
        paper: its category in the report.
        label: its number or name there.
        shows: a few words there.
        draw: ``module:function``; the function takes the sources and settings by keyword and
            returns a ``render.tables.Table`` or a matplotlib figure.
        sources: a path or a list of paths per name.
        settings: plain data per name.
        over: the values of the wildcards it is drawn for; none where it does not apply.
        texts: the caption's files below ``captions/{paper}/``, without suffix, in order.
        about: what else their placeholders stand for, beside wildcards and settings.
        loads: modules that the function loads by name; they are in its digest.
    """

    name: str
    place: str
    kind: str
    paper: str
    label: str
    shows: str
    draw: str
    sources: Of
    settings: Of = nothing
    over: Callable[[Plan], list[dict[str, str]]] = once
    texts: Callable[[Plan, Mapping[str, str]], list[str]] | None = None
    about: Of = nothing
    loads: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The module that draws it."""
        return self.draw.partition(":")[0]

    @property
    def shown(self) -> str:
        """What it shows, and of which model, detector and so on, with wildcards in braces."""
        wildcards = [name for _, name, _, _ in Formatter().parse(self.place) if name]
        of = ", ".join(f"{{{name}}}" for name in wildcards)
        return f"{self.shows} ({of})" if of else self.shows

    @property
    def folder(self) -> str:
        """The folder of its caption's files, and the target that asks for its paper."""
        return self.paper.lower().replace(" ", "_")

    def caption_files(self, plan: Plan, at: Mapping[str, str]) -> list[str]:
        """Names of the caption's files: one like the rendering where nothing else is said."""
        return [self.name] if self.texts is None else self.texts(plan, at)

    def files(self, plan: Plan) -> list[str]:
        """What it is written to, with wildcards as they are."""
        forms = plan.run.table if self.kind == "table" else plan.run.figure
        return forms(self.place)

    def all_files(self, plan: Plan) -> list[str]:
        """What it is written to, for all values of its wildcards."""
        return [path.format(**at) for at in self.over(plan) for path in self.files(plan)]

    def latex_label(self, at: Mapping[str, str]) -> str:
        """A label that no other table of the run has."""
        return "tab:" + self.place.format(**at).replace("/", ":")
