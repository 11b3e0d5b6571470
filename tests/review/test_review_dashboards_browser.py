"""The dashboards in a real browser: charts, tables and choices, in both colours and on a phone."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_of_tests import open_desk, serving
from playwright.sync_api import expect, sync_playwright
from test_review_browser import ARGUMENTS, CHROMIUM, DESKTOP, PHONE, visiting
from test_review_dashboards import PAGES, load_figures

from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.users import find_viewer

pytestmark = pytest.mark.browser

# Screenshots to look at are kept where this names a folder.
PICTURES = os.environ.get("CONVQA_PICTURES")


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    with open_desk(folder, talks=()) as app:
        load_figures(app.state.desk.database, folder)
        yield app


@pytest.fixture
def visit(chromium, app):
    with serving(app) as address:
        yield from visiting(chromium, address)


def keep(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_choices_follow_from_page_to_page_and_a_table_is_saved(visit):
    page = visit("root", "/figures")
    expect(page.locator("svg .cut")).to_have_count(1)
    expect(page.locator("svg .trend")).to_have_count(2)
    page.get_by_label("Period", exact=True).select_option("28")
    page.wait_for_url("**period=28*")
    page.get_by_role("link", name="Groups", exact=True).click()
    expect(page.get_by_label("Period", exact=True)).to_have_value("28")
    expect(page.locator(".figures-table tbody th")).to_have_text(["This selection", "blue"])
    expect(page.locator(".note", has_text="1 group is not shown")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="By: Team: save as CSV").click()
    assert download.value.suggested_filename == "convqa-groups.csv"
    assert "red" not in Path(download.value.path()).read_text(encoding="utf-8")


def test_a_group_leads_to_its_conversations(visit):
    page = visit("root", "/figures/groups")
    page.locator(".figures-table tbody").get_by_role("link", name="blue").click()
    expect(page.get_by_label("Team")).to_have_value("blue")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_figures_have_no_fault_of_accessibility_and_fit(visit, scheme, viewport):
    page = visit("root", "/queue", color_scheme=scheme, viewport=viewport)
    faults = {}
    for path in (*PAGES, "/groups?by=agent&sort=mean", "/criteria?criterion=kind", "?queue=none"):
        page.goto(f"/figures{path}")
        options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
        found = Axe().run(page, options=options).response
        if found["violations"]:
            faults[path] = [
                (v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]
            ]
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
        keep(page, f"{path.strip('/').split('?')[0] or 'first'}-{scheme}-{viewport['width']}")
    assert faults == {}


def test_aggregate_only_mode_says_what_it_keeps_back(visit, app):
    database = app.state.desk.database
    change_settings(database, find_viewer(database, "root"), DeskSettings(aggregate_only=True))
    try:
        page = visit("root", "/figures/groups?by=agent")
        expect(page.locator(".notice")).to_contain_text("No agent is named")
        expect(page.locator(".figures-table tbody th")).to_have_text(["This selection"])
        expect(page.locator(".note", has_text="2 groups are not shown").first).to_be_visible()
        keep(page, "aggregate")
    finally:
        change_settings(database, find_viewer(database, "root"), DeskSettings())
