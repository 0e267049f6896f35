"""The report of the smoke run is built, and a real browser lists every table and figure in it."""

import contextlib
import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from seedbed.render.catalog import renderings
from seedbed.render.summary import plan_of

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Walks through the menu as a reader would and leaves what is listed in an element of its own.
WALK = """<script>
const wait = ms => new Promise(done => setTimeout(done, ms));
const link = text => [...document.querySelectorAll("a")].find(e => e.textContent.trim() === text);
(async () => {
  const seen = [];
  await wait(300);
  for (const [category, parts] of Object.entries(categories)) {
    for (const part of Object.keys(parts)) {
      for (const name of [category, part]) {
        const found = link(name);
        if (found) { found.click(); await wait(100); }
      }
      seen.push(document.body.innerText);
      while (link("Results")) { link("Results").click(); await wait(100); }
    }
  }
  const left = document.createElement("pre");
  left.id = "listed";
  left.textContent = seen.join("\\n");
  document.body.appendChild(left);
})();
</script>"""


@pytest.fixture(scope="module")
def report(project):
    path = project.folder / "report.html"
    project.snakemake("--report", str(path))
    return path


def shown(project):
    """What the report should list: the label text of every table and figure."""
    with contextlib.chdir(project.folder):
        plan = plan_of([Path("configs/smoke.yaml")])
    return {
        rendering.shown.format(**values)
        for rendering in renderings(plan)
        for values in rendering.over(plan)
    }


def test_report_holds_every_result_and_what_made_them(project, report):
    text = report.read_text(encoding="utf-8")
    for name in shown(project):
        assert name in text
    assert "code, weights, lock, version and device" in text


def test_a_browser_lists_every_table_and_figure(project, report, tmp_path):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium here: sudo apt-get install chromium")
    text = report.read_text(encoding="utf-8")
    at = text.rindex("</body>")
    page = tmp_path / "walked.html"
    page.write_text(text[:at] + WALK + text[at:], encoding="utf-8")
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    quiet += ["--disable-background-networking", "--disable-component-update"]
    quiet += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=60000"]
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", *quiet, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = re.search(r'<pre id="listed">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    listed = html.unescape(found[1])
    missing = {name for name in shown(project) if name not in listed}
    assert not missing
