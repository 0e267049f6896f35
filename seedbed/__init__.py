"""Seedbed: what the random seed of a diffusion model decides, measured and made usable.

Public names, each loaded when it is first asked for, so that `import seedbed` costs next to nothing
and needs neither torch nor diffusers (``seedbed.noise`` is the module behind the first):

- ``latents``: the noise of one seed, as a CPU or a named GPU draws it.
- ``latents_for``: what a diffusers pipeline would draw for its seeds, to be given as ``latents=``.
- ``Card``: what a run found out about a model's seeds, each list with its evidence.
- ``place``: noise that puts named objects into boxes, for a diffusers pipeline.
"""

PUBLIC = {
    "latents": "seedbed.noise",
    "latents_for": "seedbed.pipes",
    "Card": "seedbed.card",
    "place": "seedbed.placing",
}
"""Public names, and the module that each comes from. No module bears the name of what it gives:
importing it would put the module in the name's place."""

__all__ = ["__version__", "version", *PUBLIC]


def version() -> str:
    """The version: of ``pyproject.toml`` in a checkout, of the package's metadata elsewhere.

    Returns:
        The version, or ``"unknown"`` where there is neither.
    """
    # Imported here: `import seedbed` is to stay free of cost.
    from pathlib import Path

    file = Path(__file__).resolve().parents[1] / "pyproject.toml"
    if file.is_file():
        import tomllib

        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == __name__ and "version" in project:
            return project["version"]
    from importlib import metadata

    try:
        return metadata.version(__name__)
    except metadata.PackageNotFoundError:
        return "unknown"


def __getattr__(name: str):
    if name == "__version__":
        return version()
    from importlib import import_module

    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    if name == "noise":
        return import_module("seedbed.noise")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
