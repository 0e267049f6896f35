"""README.md of the data set: what ``datasets`` reads of it, and what people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow.parquet as pq
import yaml

from seedbed import store

_ABOUT = {
    "image": "the picture, as the run stored it",
    "seed": "of the noise",
    "prompt_id": "names the prompt in the run",
    "prompt": "its text",
    "prompt_set": "as the run's config names it",
    "part": "what the prompt served for: set1 and set2 rank seeds, test judges them, …",
    "study": "what the picture was drawn for",
    "latent_sha256": "of the noise",
}


def readme(run: str, files: Sequence[Mapping], columns: Mapping[str, str]) -> str:
    """The page.

    Args:
        run: its name.
        files: of every piece ``model``, ``split``, ``study`` and ``path``, that of its file.
        columns: what each number of a picture is, by its column.

    Raises:
        StoreError: a piece is no Parquet file.
    """
    counts = _counts(files)
    models = list(dict.fromkeys(model for model, _ in counts))
    front = {
        "pretty_name": f"Seeds of the run {run}",
        "tags": ["diffusion", "random seed", "seedbed"],
        "configs": [
            {
                "config_name": model,
                "data_files": [
                    {"split": split, "path": f"{model}/{split}/*.parquet"}
                    for name, split in counts
                    if name == model
                ],
            }
            for model in models
        ],
    }
    model, split = next(iter(counts))
    lines = [
        "---",
        yaml.safe_dump(front, sort_keys=False, allow_unicode=True).rstrip(),
        "---",
        f"# Seeds of the run {run}",
        "",
        "Pictures of many seeds with the same prompts, and what was measured of each. One "
        "configuration for each model, one split for each prompt set; a seed is the same noise "
        "for every prompt.",
        "",
        "```python",
        "from datasets import load_dataset",
        "",
        f'pictures = load_dataset("path/to/this/folder", "{model}", split="{split}")',
        'of_seed = pictures.filter(lambda seed: seed == 3, input_columns="seed")',
        'of_seed[0]["image"].show()',
        "```",
        "",
        "| configuration | split | drawn for | pictures |",
        "|---|---|---|---|",
        *(
            f"| {model} | {split} | {', '.join(studies)} | {sum(studies.values()):,} |"
            for (model, split), studies in counts.items()
        ),
        "",
        "| column | |",
        "|---|---|",
        *(f"| `{name}` | {what} |" for name, what in {**_ABOUT, **columns}.items()),
        "",
        "Numbers are null where they were not measured: habits and places in the survey alone, "
        "places only where the object was found. Not here are pictures whose noise no seed alone "
        "decides: layouts with tickets, swapped seeds. Pictures of `diversity` under Particle "
        "Guidance were steered by each other; their file's name says so.",
        "",
    ]
    return "\n".join(lines)


def _counts(files: Sequence[Mapping]) -> dict[tuple[str, str], dict[str, int]]:
    """How many pictures each split has, by what they were drawn for."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for entry in files:
        with store.reading(entry["path"], "a Parquet file"):
            rows = pq.ParquetFile(entry["path"]).metadata.num_rows
        studies = found.setdefault((entry["model"], entry["split"]), {})
        studies[entry["study"]] = studies.get(entry["study"], 0) + rows
    return found
