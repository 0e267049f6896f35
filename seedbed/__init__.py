"""Seedbed: what the random seed of a diffusion model decides, measured and made usable."""


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


def __getattr__(name: str) -> str:
    if name == "__version__":
        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
