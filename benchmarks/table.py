"""The measurements of ``python -m benchmarks`` as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def table(found: Mapping) -> str:
    """Markdown of what was measured, and of what was not."""
    lines = [
        "# Speed, side by side",
        "",
        f"`make bench` of {found['date']}: {found['machine']}, {found['cores']} cores, "
        f"torch {found['torch']}; beside it ran {found['beside']}. Rates are per processor second "
        "of one thread, for both sides, which other work on the machine disturbs little: the best "
        "of some repeats, both sides in turns in one process. What each side does is in "
        "`benchmarks/storybook.py`.",
        "",
        *_rows(
            ("task", "size", "beside", "theirs / s", "ours / s", "faster", "goal", "difference"),
            [
                (
                    row["task"],
                    row["size"],
                    row["theirs"],
                    f"{row['their_rate']:.3g} {row['unit']}",
                    f"{row['our_rate']:.3g} {row['unit']}",
                    f"{row['faster']:.1f}×",
                    f"{row['goal']:g}× {'met' if row['met'] else '**missed**'}",
                    row["difference"],
                )
                for row in found["processor"]
            ],
        ),
        "",
        "## On a GPU",
        "",
        *_gpu(found["gpu"]),
    ]
    return "\n".join(lines) + "\n"


def _gpu(found: Mapping | None) -> list[str]:
    if found is None:
        return [
            "Not measured: no GPU was there. Where torch finds one, the same command times SD 1.4, "
            "SD 2.0 and SDXL Turbo at full size with random weights (bfloat16, channels-last, "
            "compiled) and 70,000 first-step maps (`benchmarks/gpu.py`). Its goals, SD 2.0 at 40 % "
            "and SDXL Turbo at 30 % of the measured matrix-product peak and 70,000 maps in 60 s, "
            "are open."
        ]
    rows = []
    for row in found["rows"]:
        if "share_of_peak" in row:
            rate = f"{row['images_per_second']:.2f} images"
            share = f"{row['share_of_peak']:.0%}"
            goal = "" if row["goal"] is None else f"{row['goal']:.0%}"
        else:
            rate = f"{row['maps_per_second']:,.0f} maps"
            share = f"70,000 in {row['seconds_for_70000']:.0f} s"
            goal = f"{row['goal']:.0f} s"
        met = {None: "", True: " met", False: " **missed**"}[row["met"]]
        memory = f"{row['memory_gb']:.1f} GB" if row.get("memory_gb") else ""
        rows.append((row["task"], row["size"], rate, share, goal + met, memory))
    return [
        f"{found['device']}, {found['peak_tflops']:.0f} TFLOP/s in a bfloat16 product.",
        "",
        *_rows(("task", "size", "per second", "share of peak", "goal", "memory"), rows),
    ]


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        f"|{'|'.join('---' for _ in heads)}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
