"""The explorer of the smoke run in a real browser, operated as a reader would."""

import contextlib
import time

import pytest
from browser import opened

SECONDS = 60


@pytest.fixture(scope="module")
def page(project, tmp_path_factory):
    """The page, its first pictures seen and its charts drawn."""
    path = project.run / "explorer.html"
    with opened(path, tmp_path_factory.mktemp("profile")) as browser:
        until(browser, "return document.documentElement.dataset.firstView && Charts.view !== null")
        yield browser


@pytest.fixture(autouse=True)
def _from_the_start(page):
    page.execute_script("State.card = null; State.set({...FIRST}); Charts.clear()")


def until(browser, script):
    """What a script returns once it is true."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(Exception):
            if found := browser.execute_script(script):
                return found
        time.sleep(0.1)
    raise AssertionError(f"never true: {script}")


def choose(browser, field, value):
    """Choose or type as a reader does: the field changes and says so."""
    browser.execute_script(
        "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
        "field.dispatchEvent(new Event('change', {bubbles: true}));",
        field,
        value,
    )


def shown(browser):
    """Names under the pictures, in their order."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#grid .cell')].map(c => c.dataset.id)"
    )


def status(browser):
    return browser.execute_script("return document.getElementById('status').textContent")


def test_it_shows_every_seed_of_a_prompt_and_every_prompt_of_a_seed(page):
    assert shown(page) == [str(seed) for seed in range(8)]
    page.find_element("css selector", "input[value=seed]").click()
    assert len(shown(page)) == 24 and "24 of 24 prompts" in status(page)
    page.find_element("css selector", "#of-seed [aria-label='Next seed']").click()
    assert "seed 1" in status(page)


def test_pictures_are_pictures_and_have_texts(page):
    script = (
        "return Promise.all([...document.querySelectorAll('#grid img')].map(image =>"
        "image.decode().then(() => [image.alt, image.naturalWidth, image.clientWidth])))"
    )
    found = page.execute_script(script)
    assert len(found) == 8
    for seed, (text, natural, wide) in enumerate(found):
        assert text.startswith(f"storybook-sd, seed {seed}: ") and natural > 0 and wide > 0


def test_scores_sort_up_and_down(page):
    choose(page, "sort", "picture:preference:storybook-clip")
    up = shown(page)
    page.find_element("id", "down").click()
    assert shown(page) == up[::-1] and "highest first" in status(page)
    values = page.execute_script(
        "return [...document.querySelectorAll('#grid .value')].map(v => Number(v.textContent))"
    )
    assert values == sorted(values, reverse=True)


def test_a_score_filters(page):
    choose(page, "score", "picture:preference:storybook-clip")
    script = (
        "const c = State.choice('picture:preference:storybook-clip'), s = State.study;"
        "return s.seeds.map((_, i) => c.of(State.model, s, i, 0))"
    )
    values = page.execute_script(script)
    middle = sorted(values)[4]
    choose(page, "score-low", str(middle))
    assert shown(page) == [str(seed) for seed, v in enumerate(values) if v >= middle]
    page.find_element("id", "clear").click()
    assert len(shown(page)) == 8


def test_habit_place_and_size_filter_the_survey(page):
    choose(page, "model", "storybook-turbo")
    choose(page, "study", "survey")
    assert len(shown(page)) == 16
    truth = page.execute_script(
        "const s = State.study, m = key => s.seeds.map((_, i) => s.measures.get(key).at(i, 0));"
        "return {x: m('x'), y: m('y'), size: m('size'), sky: m('sky')}"
    )
    choose(page, "habit", "sky")
    assert shown(page) == [str(i) for i in range(16) if truth["sky"][i]]
    choose(page, "shows", "no")
    assert shown(page) == [str(i) for i in range(16) if not truth["sky"][i]]
    page.find_element("id", "clear").click()
    page.find_element("css selector", "#place [aria-label='middle left']").click()
    thirds = [
        x is not None and x < 1 / 3 and 1 / 3 <= y < 2 / 3
        for x, y in zip(truth["x"], truth["y"], strict=True)
    ]
    assert shown(page) == [str(i) for i in range(16) if thirds[i]]
    page.find_element("id", "clear").click()
    choose(page, "size-low", "10")
    assert shown(page) == [str(i) for i in range(16) if (truth["size"][i] or 0) >= 0.1]


def test_two_models_stand_side_by_side(page):
    choose(page, "beside", "storybook-turbo")
    cells = page.execute_script(
        "return [...document.querySelectorAll('#grid .cell')].map(c =>"
        "[...c.querySelectorAll('img')].map(image => image.alt))"
    )
    assert cells
    for left, right in cells:
        assert left.partition(",")[2] == right.partition(",")[2]
        assert left.startswith("storybook-sd,") and right.startswith("storybook-turbo,")


def test_the_keyboard_walks_and_opens_a_card(page):
    from selenium.webdriver.common.keys import Keys

    page.execute_script("Grid.cells[0].focus()")
    box = page.switch_to.active_element
    box.send_keys(Keys.ARROW_RIGHT)
    page.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert page.switch_to.active_element.get_attribute("data-id") == "2"
    page.switch_to.active_element.send_keys(Keys.END)
    assert page.switch_to.active_element.get_attribute("data-id") == "7"
    reached = page.execute_script(
        "return document.querySelectorAll('#grid [tabindex=\"0\"]').length"
    )
    assert reached == 1
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert page.find_element("id", "card-title").text == "Seed 7"
    card = page.find_element("id", "card-body").text
    assert "Set 1" in card and "storybook-clip" in card and "The card of storybook-sd" in card


def test_a_card_leads_to_all_prompts_of_its_seed(page):
    page.execute_script("Grid.cells[3].click()")
    page.find_element("xpath", "//button[text()='All prompts of seed 3']").click()
    assert "seed 3" in status(page) and len(shown(page)) == 24


def test_a_brush_over_the_dots_narrows_the_pictures(page):
    from selenium.webdriver.common.action_chains import ActionChains

    choose(page, "x", "order")
    until(page, "return Charts.view !== null")
    left, top, width, height = page.execute_script(
        "document.getElementById('charts').scrollIntoView({block: 'center'});"
        "const plot = document.querySelector('#charts svg .role-scope path.background');"
        "const box = plot.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]"
    )
    actions = ActionChains(page)
    drag = actions.w3c_actions.pointer_action
    across = width / 7  # from one seed to the next
    drag.move_to_location(int(left + 0.5 * across), int(top + 2))
    drag.pointer_down()
    drag.move_to_location(int(left + 2 * across), int(top + height / 2))
    drag.move_to_location(int(left + 4.5 * across), int(top + height - 2))
    drag.pointer_up()
    actions.perform()
    until(page, "return State.brush !== null")
    assert shown(page) == ["1", "2", "3", "4"] and "brush" in status(page)
    page.find_element("id", "unbrush").click()
    assert len(shown(page)) == 8


def test_every_field_has_a_name_and_the_grid_its_roles(page):
    unnamed = page.execute_script(
        "return [...document.querySelectorAll('input, select, button')].filter(e =>"
        "!(e.labels && e.labels.length) && !e.getAttribute('aria-label') && !e.textContent.trim())"
        ".map(e => e.outerHTML)"
    )
    assert not unnamed
    assert page.execute_script(
        "const g = document.getElementById('grid');"
        "return g.getAttribute('role') === 'grid' && g.getAttribute('aria-label') !== '' &&"
        "[...g.children].every(r => r.getAttribute('role') === 'row') &&"
        "[...g.querySelectorAll('.cell')].every(c => c.parentNode.getAttribute('role') ==="
        "'gridcell')"
    )


def test_a_view_stands_in_the_address(page):
    choose(page, "model", "storybook-turbo")
    choose(page, "study", "survey")
    address = page.execute_script("return location.hash")
    page.execute_script("State.set({...FIRST})")
    page.execute_script("location.hash = arguments[0]", address)
    until(page, "return State.now.study === 'survey'")
    assert len(shown(page)) == 16


def test_it_asks_the_network_for_nothing(page):
    asked = page.execute_script(
        "return performance.getEntriesByType('resource').map(e => e.name)"
        ".filter(name => !name.startsWith('blob:'))"
    )
    assert not asked
