"""An appeal in a real browser: the agent appeals, the manager decides, the agent sees it."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_of_tests import key_of, open_desk, serving
from playwright.sync_api import expect
from test_review_browser import DESKTOP, PHONE, chromium, result, visiting

from convqa.store.appeals import open_appeal
from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.erasing import apply_retention
from convqa.store.notes import accept_notice, add_note
from convqa.store.users import find_viewer
from store.desk_runs import talk

pytestmark = pytest.mark.browser
__all__ = ["chromium"]  # a fixture

TALKS = (
    *(
        talk(f"old{n}", kind="pass" if n % 3 else "fail", started_at=f"2026-10-{n + 1:02}T10:00Z")
        for n in range(20)
    ),
    talk("calm"),
    talk("secret", insult="fail", words=(20, 30)),
    talk("short", is_skipped=True),
)  # fmt: skip
SHOTS = os.environ.get("CONVQA_SCREENSHOTS")


@pytest.fixture
def app(tmp_path):
    with open_desk(tmp_path, TALKS) as app:
        database = app.state.desk.database
        accept_notice(database, find_viewer(database, "ada"))
        yield app


@pytest.fixture
def visit(chromium, app):
    with serving(app) as address:
        yield from visiting(chromium, address)


def test_an_appeal_is_decided_and_seen(visit):
    ada, manager = visit("ada"), visit("max", "/appeals")
    expect(ada.locator("h1")).to_have_text("My results")
    done_well = ada.locator(".card", has=ada.get_by_role("heading", name="Well done"))
    expect(done_well.locator("li")).to_have_text(
        [re.compile("old19"), re.compile("old17"), re.compile("old16"), "greeting: 22 of 22"]
    )
    ada.locator(".items a", has_text="calm").click()
    kind = result(ada, "kind")
    kind.get_by_text("Appeal against this").click()
    kind.get_by_label("Who shall decide").select_option("max")
    kind.get_by_label("What is wrong").fill("I said it kindly.")
    kind.get_by_role("button", name="Send the appeal").click()
    expect(ada.locator("#said")).to_contain_text("Your appeal was sent")
    expect(ada.locator(".title .chip", has_text="Under appeal")).to_be_visible()
    manager.reload()
    manager.get_by_role("link", name="calm").click()
    expect(manager.locator("main")).to_contain_text("I said it kindly.")
    manager.get_by_label("Uphold").check()
    manager.get_by_label("Your answer").fill("You are right, it was kind.")
    manager.get_by_role("button", name="Save the decision").click()
    expect(manager.locator("#score")).to_have_text("100.0")
    ada.reload()
    expect(ada.locator(".verdict .score")).to_have_text("100.0")
    expect(ada.locator("#appeals")).to_contain_text("You are right, it was kind.")
    expect(ada.locator("#appeals")).to_contain_text("Upheld")


def test_evidence_and_transcript_lead_to_each_other(visit):
    page = visit("ada")
    page.locator(".items a", has_text="calm").click()
    result(page, "kind").locator("a.quote").first.click()
    expect(page.locator(".turn.found mark.found")).to_have_text(["Calm down"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_have_no_fault_of_accessibility_and_fit(visit, app, scheme, viewport):
    database, calm = app.state.desk.database, key_of(app, "calm")
    ada, root = find_viewer(database, "ada"), find_viewer(database, "root")
    add_note(database, root, calm, "Listen first, then explain.", is_for_agent=True)
    open_appeal(database, ada, calm, addressee="max", reason="I was kind.", criterion_id="kind")
    open_appeal(database, ada, calm, addressee="root", reason="And both?", criterion_id="both")
    change_settings(database, root, DeskSettings(retention_days=3650))
    apply_retention(database)
    faults = {}
    pages = {
        "ada": ("/results", f"/results/{calm}", f"/results/{key_of(app, 'secret')}",
                f"/results/{key_of(app, 'short')}"),
        "max": ("/appeals", "/appeals/1", "/appeals/2"),
        "root": ("/retention", "/settings"),
    }  # fmt: skip
    for username, paths in pages.items():
        page = visit(username, color_scheme=scheme, viewport=viewport)
        for path in paths:
            page.goto(path)
            if SHOTS:
                name = f"{path.strip('/').replace('/', '-')}-{scheme}-{viewport['width']}.png"
                page.screenshot(path=Path(SHOTS) / name, full_page=True)
            for folds in page.locator("details").all():
                folds.evaluate("folds => folds.open = true")
            options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
            found = Axe().run(page, options=options).response
            if found["violations"]:
                faults[path] = [
                    (v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]
                ]
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], path
    assert faults == {}
