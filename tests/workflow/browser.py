"""A real browser for pages that tests operate as a reader would: headless Chromium by Selenium."""

import contextlib
import importlib.util
import shutil

import pytest

HOW = "sudo apt-get install chromium chromium-driver"


@contextlib.contextmanager
def opened(page, profile, width=1400, height=900):
    """The page in a browser, offline; skips where a browser or its driver is not there.

    Args:
        page: path of an HTML file.
        profile: an empty folder for the browser's own files.
        width, height: of the window.
    """
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip(f"no Chromium with a driver here: {HOW}")
    if importlib.util.find_spec("selenium") is None:
        pytest.skip("no selenium in this environment: make env")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile}",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        found.set_script_timeout(60)
        found.get(page.resolve().as_uri())
        yield found
        said = found.get_log("browser")
        faults = [entry["message"] for entry in said if entry["level"] == "SEVERE"]
        assert not faults, faults
    finally:
        found.quit()
