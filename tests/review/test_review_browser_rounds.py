"""Rounds, agreement, labels and tokens in a real browser: what people do, and how it looks."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_of_tests import SECRET, Browser, serving
from labelled_talks import DISMISSIVE, said
from playwright.sync_api import expect, sync_playwright
from test_review_browser import ARGUMENTS, CHROMIUM, DESKTOP, PHONE

from convqa.review.app import create_app
from convqa.store.database import open_database
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.reviews import Correction, save_review
from convqa.store.samples import draw_sample
from store.desk_runs import PASSWORD, add_people, write_run

pytestmark = pytest.mark.browser

CRITERIA = ("greeting", "kind", "insult", "both")


@pytest.fixture
def desk(tmp_path):
    """A desk with reviews, a sample, a round that is answered and one that is open."""
    database = open_database(str(tmp_path / "review.db"))
    people = add_people(database)
    talks = [said(f"c{n}", found=DISMISSIVE, kind="fail" if n % 2 else "pass") for n in range(8)]
    load_run(database, write_run(tmp_path / "run", talks))
    keys = {name: find_key(database, people["root"], name) for name in ("c0", "c1", "c2", "c3")}
    draw_sample(database, people["max"], "november", Filters(), size=3, seed=1)
    for name in keys:
        outcome = "fail" if name == "c3" else "pass"
        state = "confirmed" if name in ("c0", "c2", "c3") else "corrected"
        save_review(database, people["root"], keys[name], Correction("kind", state, outcome))
    app = create_app(database, SECRET)
    manager = Browser(app, "max")
    manager.get("/rounds")
    for name, ids in (("answered", "c0\nc1"), ("open", "c2")):
        sent = {"kind": "double", "name": name, "member": ["rita", "max"], "ids": ids}
        assert manager.post("/rounds", sent).status_code == 303
    for username, kind in (("rita", "pass"), ("max", "fail")):
        person = Browser(app, username)
        for name in ("c0", "c1"):
            answers = {f"outcome.{c}": "pass" for c in CRITERIA} | {"outcome.kind": kind}
            path = f"/rounds/1/conversations/{keys[name]}"
            assert person.post(path, {"do": "submit", **answers}).status_code == 303
    yield app, keys
    database.close()


@pytest.fixture
def visit(desk):
    """Sign in and, at the end, see that nothing was refused or fetched from elsewhere."""
    complaints, fetched = [], []
    with serving(desk[0]) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

        def signed_in(username, **options):
            context = chromium.new_context(
                base_url=address, **{"viewport": DESKTOP, "locale": "en-GB", **options}
            )
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("request", lambda request: fetched.append(request.url))
            page.goto("/sign-in")
            page.get_by_label("Username").fill(username)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/queue")
            return page

        yield signed_in
        chromium.close()
        assert complaints == []
        assert [url for url in fetched if not url.startswith(address)] == []


def test_pages_have_no_fault_of_accessibility_and_fit(visit, desk, tmp_path):
    keys = desk[1]
    paths = (
        "/rounds", "/rounds/1", f"/rounds/1/conversations/{keys['c1']}",
        f"/rounds/2/conversations/{keys['c2']}", "/agreement", "/labels", "/account/tokens", "/api",
    )  # fmt: skip
    faults = {}
    for scheme, viewport in (("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE)):
        page = visit("max", color_scheme=scheme, viewport=viewport)
        for path in paths:
            response = page.goto(path)
            assert response.status == 200, path
            page.screenshot(
                path=tmp_path / f"{scheme}{viewport['width']}{path.replace('/', '-')}.png"
            )
            options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
            found = Axe().run(page, options=options).response
            if found["violations"]:
                faults[path, scheme] = [
                    (v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]
                ]
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > viewport["width"]:
                faults[path, "width"] = width
    assert faults == {}


def test_a_round_is_answered_and_compared(visit, desk):
    path = f"/rounds/2/conversations/{desk[1]['c2']}"
    for username, kind in (("rita", "Failed"), ("max", "Passed")):
        page = visit(username)
        page.goto(path)
        expect(page.locator("mark")).to_have_count(0)
        for number, fieldset in enumerate(page.locator("fieldset.review").all()):
            fieldset.get_by_label(kind if number == 1 else "Passed").check()
        page.get_by_role("button", name="Submit for good").click()
        expect(page.get_by_role("status")).to_contain_text("submitted")
    page.goto(path)
    expect(page.locator(".chip.again")).to_have_count(1)
    page.locator("select").nth(1).select_option(label="Failed")
    page.get_by_role("button", name="Save agreed answers").click()
    expect(page.get_by_role("status")).to_contain_text("saved")
    expect(page.locator("select").nth(1)).to_have_value("fail")


def test_labels_are_downloaded(visit):
    page = visit("max")
    page.goto("/labels")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="convqa", exact=True).nth(1).click()
    assert waiting.value.suggested_filename.endswith(".jsonl")
