"""The catalog as its rules want it: functions of a job's wildcards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.render.catalog import caption, renderings
from seedbed.render.catalog.record import Rendering

if TYPE_CHECKING:
    from seedbed.plan import Plan


@dataclass(frozen=True)
class Drawn:
    """One rule: a rendering within a run. Methods take the wildcards that Snakemake passes.

    Attributes:
        plan: of the run.
        rendering: the record.
    """

    plan: Plan
    rendering: Rendering

    def sources(self, wildcards) -> dict[str, str | list[str]]:
        """What it reads, by name."""
        return self.rendering.sources(self.plan, _values(wildcards))

    def needed(self, wildcards) -> list[str]:
        """What it reads, as one list."""
        found = self.sources(wildcards).values()
        return [path for paths in found for path in ([paths] if isinstance(paths, str) else paths)]

    def settings(self, wildcards) -> dict:
        """Plain data for the function that draws it."""
        return self.rendering.settings(self.plan, _values(wildcards))

    def caption(self, wildcards) -> str:
        """What is said of it."""
        return caption(self.rendering, self.plan, _values(wildcards))

    def label(self, wildcards) -> str:
        """Its LaTeX label."""
        return self.rendering.latex_label(_values(wildcards))

    @property
    def message(self) -> str:
        """What a job of it says."""
        it = self.rendering
        return f"{it.paper}, {it.kind} {it.label}: " + it.shown.replace("{", "{wildcards.")

    @property
    def report(self) -> dict:
        """Where it stands in the report."""
        it = self.rendering
        return {
            "category": it.paper,
            "subcategory": f"{it.kind.capitalize()}s",
            # One label: of two results the report would take a second one for a switch between
            # them, and its page breaks.
            "labels": {it.kind: f"{it.label}: {it.shown}"},
        }


def files_of(paper: str, plan: Plan) -> list[str]:
    """All files of one paper's renderings, for all values of their wildcards.

    Args:
        paper: a category of the report.
        plan: of the run.
    """
    mine = [rendering for rendering in renderings(plan) if rendering.paper == paper]
    return [path for rendering in mine for path in rendering.all_files(plan)]


def _values(wildcards: Mapping[str, str]) -> dict[str, str]:
    return dict(wildcards.items())
