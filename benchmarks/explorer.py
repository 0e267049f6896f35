"""Measure the explorer of a run: its size, and the time to its first view in headless Chromium.

    python -m benchmarks.explorer results/default/explorer.html --repeats 5

A first view is when the first hundred pictures are decoded and painted, the form can be used, and
the page has been read from a file URL by a browser that was started anew each time. Charts follow;
their time is told apart. Needs Debian's chromium and chromium-driver.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

SIZES = {"desktop": (1500, 1000), "phone": (400, 850)}
PATIENCE_S = 120


def measured(page: Path, width: int, height: int) -> tuple[float, float, int]:
    """(ms to the first view, ms to the charts, pictures in the page) of one visit."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
        ):
            options.add_argument(argument)
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        browser = webdriver.Chrome(options=options, service=service)
        try:
            browser.get(page.resolve().as_uri())
            end = time.monotonic() + PATIENCE_S
            while time.monotonic() < end:
                first = browser.execute_script(
                    "return document.documentElement.dataset.firstView || null"
                )
                charts = browser.execute_script(
                    "return document.documentElement.dataset.charts || null"
                )
                if first and charts:
                    break
                time.sleep(0.05)
            count = browser.execute_script(
                "return [...MODELS.values()].flatMap(m => [...m.studies.values()])"
                ".reduce((n, s) => n + s.seeds.length * s.prompts.length, 0)"
            )
        finally:
            browser.quit()
    return float(first), float(charts), int(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    print(f"{given.page}: {given.page.stat().st_size / 1e6:.2f} MB")
    for name, size in SIZES.items():
        found = [measured(given.page, *size) for _ in range(given.repeats)]
        first, charts, counts = zip(*found, strict=True)
        print(
            f"{name:8} {counts[0]:,} thumbnails; first view {statistics.median(first):.0f} ms "
            f"(most {max(first):.0f}), charts {statistics.median(charts):.0f} ms, "
            f"{given.repeats} visits"
        )


if __name__ == "__main__":
    main()
