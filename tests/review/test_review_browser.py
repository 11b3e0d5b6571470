"""The review desk in a real browser: what people do, what runs, how it looks and works."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_of_tests import ATTACK, Browser, key_of, open_desk, serving
from playwright.sync_api import Page, expect, sync_playwright

from store.desk_runs import PASSWORD

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A desk for tests that only look."""
    with open_desk(tmp_path_factory.mktemp("looked_at")) as app:
        yield app


@pytest.fixture(scope="module")
def address(app):
    with serving(app) as address:
        yield address


@pytest.fixture
def own_address(tmp_path):
    """A desk of one test that writes."""
    with open_desk(tmp_path) as app, serving(app) as address:
        yield address


@pytest.fixture
def visit(chromium, address):
    yield from visiting(chromium, address)


@pytest.fixture
def visit_own(chromium, own_address):
    yield from visiting(chromium, own_address)


def visiting(chromium, address):
    """Sign in as somebody and, at the end, see that nothing was refused, broken or fetched."""
    contexts, complaints, fetched = [], [], []

    def signed_in(username, path="/", **options) -> Page:
        context = chromium.new_context(
            base_url=address, **{"viewport": DESKTOP, "locale": "en-GB", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: fetched.append(request.url))
        page.goto("/sign-in")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        if path != "/":
            page.goto(path)
        return page

    yield signed_in
    for context in contexts:
        context.close()
    expected = re.compile(r"status of 409|status of 404")  # pages of the desk, asked for by tests
    assert [text for text in complaints if not expected.search(text)] == []
    assert [url for url in fetched if not url.startswith(address)] == []


def listed(page):
    return page.locator(".items .id").all_inner_texts()


def result(page, name):
    return page.locator(".result", has=page.locator("h3", has_text=name))


def test_queue_shows_the_riskiest_first_and_filters(visit):
    page = visit("root")
    expect(page.locator("h1")).to_have_text("Conversations to read")
    assert listed(page) == ["secret", "foreign", "calm"]
    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_label("Search").fill("weeks nobody")
    page.keyboard.press("Enter")
    expect(page.locator(".items .id")).to_have_count(5)
    page.get_by_label("Team").select_option("red")
    expect(page.locator(".items .id")).to_have_text(["foreign"])
    assert "team=red" in page.url
    assert "q=weeks" in page.url
    page.reload()
    assert listed(page) == ["foreign"]
    page.get_by_role("link", name="Clear search and filters").click()
    expect(page.locator(".items .id")).to_have_count(7)


def test_correcting_changes_the_score_and_is_kept(visit_own):
    page = visit_own("rita")
    page.locator(".items a", has_text="calm").click()
    expect(page.locator(".verdict .score")).to_have_text("25.0")
    kind = result(page, "kind")
    kind.get_by_label("Correct").check()
    kind.get_by_label("Right outcome").select_option("pass")
    kind.get_by_label("Comment").fill("She was friendly.")
    expect(page.locator("#so-far")).to_have_text("Score 25.0 → 100.0")
    page.get_by_role("button", name="Save review").click()
    expect(page.locator("#said")).to_have_text("Your review is saved.")
    expect(page.locator(".verdict .score")).to_have_text("100.0")
    page.locator("details.well summary").click()
    kind = result(page, "kind")
    expect(kind.locator(".answers")).to_contain_text("Machine")
    expect(kind.locator(".answers")).to_contain_text("Failed")
    expect(kind.locator(".answers")).to_contain_text("Rita Reviewer")
    expect(kind.locator(".answers")).to_contain_text("She was friendly.")
    kind.get_by_role("button", name="Take the review back").click()
    expect(page.locator(".verdict .score")).to_have_text("25.0")


def test_words_are_marked_with_the_mouse(visit_own):
    page = visit_own("rita", "/queue")
    page.locator(".items a", has_text="calm").click()
    kind = result(page, "kind")
    kind.get_by_label("Correct").check()
    kind.get_by_role("button", name="Mark words in the transcript").click()
    page.evaluate(
        """() => {
          const said = document.querySelector('.said[data-turn="0"]');
          const range = rangeOf({turn: 0, start: 31, end: 50});
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.get_by_role("button", name="Take these words").click()
    expect(kind.locator(".marked bdi")).to_have_text(["it is not that bad."])
    assert kind.locator("[name='spans.kind']").input_value() == "0:31:50"
    page.get_by_role("button", name="Save review").click()
    expect(result(page, "kind").locator(".quote bdi")).to_have_text(["it is not that bad."])
    expect(page.locator("mark.fail")).to_have_text(["it is not that bad."])


def test_words_are_marked_with_the_keyboard_alone(visit_own):
    page = visit_own("rita", "/queue?tab=all")
    page.locator(".items a", has_text="odd").click()
    page.locator("details.well summary").click()
    greeting = result(page, "greeting")
    greeting.get_by_label("Correct").check()
    greeting.get_by_role("button", name="Mark words in the transcript").press("Enter")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    # Code points of the stored text: hidden characters and the thumb count as one each.
    expect(greeting.locator(".marked bdi")).to_have_text(["👍 my"])
    text = "Pay \u202e0001\u202c now, 👍 my dear friend."
    start = text.index("👍")
    value = greeting.locator("[name='spans.greeting']").input_value()
    assert value == f"0:{start}:{start + 4}"
    page.get_by_role("button", name="Save review").click()
    expect(page.locator("#said")).to_have_text("Your review is saved.")
    page.locator("details.well summary").click()
    expect(result(page, "greeting").locator(".quote bdi")).to_have_text(["👍 my"])


def test_hidden_characters_are_named_and_can_be_marked(visit):
    page = visit("rita", "/queue?tab=all")
    page.locator(".items a", has_text="odd").click()
    expect(page.locator(".said").first).to_contain_text("Pay [U+202E]0001[U+202C] now")
    page.wait_for_load_state()  # scripts run after the text is there
    spans = page.evaluate(
        """() => {
          const said = document.querySelector('.said');
          getSelection().selectAllChildren(said);
          return selectedSpans();
        }"""
    )
    assert spans == [
        {"turn": 0, "start": 0, "end": len("Pay \u202e0001\u202c now, 👍 my dear friend.")}
    ]


def test_mark_and_criterion_lead_to_each_other(visit):
    page = visit("rita", "/queue")
    page.locator(".items a", has_text="calm").click()
    page.locator(".turn a.badge.fail").first.click()
    expect(page.locator(".result.found h3")).to_have_text("2. kind")
    expect(page.locator(".result.found")).to_be_focused()
    page.locator(".result.found a.quote").first.click()
    expect(page.locator(".turn.found mark.found")).to_have_text(["Calm down"])


def test_second_reviewer_is_told_and_loses_nothing(visit_own):
    first, second = visit_own("rita", "/queue"), visit_own("rolf", "/queue")
    for page in (first, second):
        page.locator(".items a", has_text="calm").click()
        result(page, "kind").get_by_label("Correct").check()
    result(first, "kind").get_by_label("Right outcome").select_option("pass")
    first.get_by_role("button", name="Save review").click()
    expect(first.locator("#said")).to_be_visible()
    result(second, "kind").get_by_label("Right outcome").select_option("na")
    result(second, "kind").get_by_label("Comment").fill("No occasion for it.")
    second.get_by_role("button", name="Save review").click()
    expect(second.locator("h1")).to_have_text("Somebody else saved first")
    expect(second.locator("main")).to_contain_text("Rita Reviewer")
    expect(second.get_by_label("Comment")).to_have_value("No occasion for it.")
    second.get_by_label("Save mine instead").check()
    second.get_by_role("button", name="Go on").click()
    expect(second.locator("#said")).to_have_text("Your review is saved.")
    second.locator("details.open summary").click()
    expect(result(second, "kind").locator(".answers")).to_contain_text("Rolf Reviewer")


def test_critical_error_waits_for_a_person(visit_own):
    page = visit_own("rita")
    page.locator(".items a", has_text="secret").click()
    expect(page.locator(".verdict .score")).to_have_text("0.0")
    expect(page.locator("header .chip.severe", has_text="Provisional")).to_be_visible()
    page.locator(".critical").get_by_label("Comment").fill("It was a quotation.")
    page.get_by_role("button", name="It is none, lift the 0").click()
    expect(page.locator(".verdict .score")).to_have_text("25.0")
    expect(page.locator(".critical")).to_contain_text("Lifted by Rita Reviewer")
    page.get_by_role("button", name="It is one, the 0 stands").click()
    expect(page.locator(".verdict .score")).to_have_text("0.0")
    expect(page.locator("header .chip", has_text="Provisional")).to_have_count(0)


def test_a_draft_survives_the_end_of_the_session(visit):
    page = visit("rita", "/queue")
    page.locator(".items a", has_text="calm").click()
    result(page, "kind").get_by_label("Correct").check()
    result(page, "kind").get_by_label("Comment").fill("Half written")
    page.context.clear_cookies(name="convqa_session")
    page.get_by_role("button", name="Save review").click()
    page.get_by_label("Username").fill("rita")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(".items a", has_text="calm").click()
    expect(result(page, "kind").get_by_label("Comment")).to_have_value("Half written")
    expect(result(page, "kind").get_by_label("Correct")).to_be_checked()


def test_what_would_change_an_outcome_is_shown_in_place(visit):
    page = visit("rita", "/queue")
    page.locator(".items a", has_text="calm").click()
    lost = result(page, "kind")
    lost.get_by_role("link", name="What would change this?").click()
    expect(lost.locator("div.flips")).to_contain_text("→")
    expect(lost.locator("div.flips")).to_be_focused()


def test_keys_step_through_the_list(visit):
    page = visit("root", "/queue")
    page.locator(".items a").first.click()
    title = page.locator("h1")
    expect(title).to_have_text("secret")
    page.keyboard.press("j")
    expect(title).to_have_text("foreign")
    page.keyboard.press("k")
    expect(title).to_have_text("secret")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(title).to_have_text("secret")


def test_places_of_a_search_are_reached_by_key_and_by_link(visit):
    page = visit("root", "/queue?tab=all&q=calm+weeks")
    expect(page.locator(".passage mark").first).to_be_visible()
    page.locator(".items a", has_text="calm").first.click()
    expect(page.locator(".hits")).to_contain_text("2 places hold words of the search")
    page.keyboard.press("n")
    expect(page.locator("#h-1")).to_be_focused()
    expect(page.locator("#h-1")).to_have_text("Calm")
    page.keyboard.press("n")
    expect(page.locator("#h-2")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#h-1")).to_be_focused()
    page.keyboard.press("p")
    expect(page.locator("#h-2")).to_have_text("weeks")
    page.get_by_role("link", name="Place 1").press("Enter")
    expect(page.locator("#h-1")).to_be_focused()


def test_slash_goes_to_the_search(visit):
    page = visit("root", "/queue?tab=all")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()


def test_nothing_in_a_text_runs(visit):
    page = visit("root", "/queue?tab=all")
    page.locator(".items a", has_text="attack").click()
    expect(page.locator(".said").first).to_contain_text(ATTACK)
    expect(page.locator(".facts")).to_contain_text(ATTACK)
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0


def test_policy_stops_a_script_that_got_in(chromium, address):
    page = chromium.new_page(base_url=address)
    page.route(
        "**/sign-in",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            body=answer.text().replace("<main", "<script>window.hit=1</script><main"),
        ),
    )
    page.goto("/sign-in")
    assert page.evaluate("window.hit") is None
    page.close()


def test_foreign_team_is_not_found(visit, app):
    key = key_of(app, "foreign")
    page = visit("rita", f"/conversations/{key}")
    expect(page.locator("h1")).to_have_text("Not found")
    page.goto("/queue?tab=all")
    assert "foreign" not in listed(page)


def test_agent_reads_the_notice_first(visit_own):
    page = visit_own("ada")
    expect(page.locator("h1")).to_have_text("What is scored, and how")
    page.goto("/account")
    expect(page.locator("h1")).to_have_text("Your account")
    page.goto("/notice")
    page.get_by_role("button", name="I have read this").click()
    expect(page.locator("h1")).not_to_have_text("What is scored, and how")


def test_language_follows_the_browser_and_the_choice(visit_own):
    page = visit_own("rita", "/queue")
    page.goto("/account")
    page.get_by_label("Language").select_option("pl")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Twoje konto")
    assert page.locator("html").get_attribute("lang") == "pl"


def test_colours_follow_the_system_and_the_button(visit):
    page = visit("rita", "/queue", color_scheme="dark")

    def lightness():
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return int(colour.removeprefix("rgb(").split(",")[0])

    assert lightness() < 50
    page.get_by_role("button", name="Colours").click()
    assert lightness() > 200
    page.reload()
    assert lightness() > 200


PAGES = (
    "/queue", "/queue?tab=all&q=xyz", "/queue?tab=all&q=weeks+calm", "/queue?tab=sample",
    "/account", "/accounts", "/accounts/rita", "/nowhere", "CALM", "CALM?tab=all&q=calm+weeks",
    "SECRET", "SHORT",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_have_no_fault_of_accessibility_and_fit(visit, app, scheme, viewport):
    page = visit("root", "/queue", color_scheme=scheme, viewport=viewport)
    rows = page.locator(".items a")
    rows.first.wait_for()
    faults = {}
    for path in PAGES:
        name, mark, query = path.partition("?")
        if name.isupper():
            path = f"/conversations/{key_of(app, name.lower())}{mark}{query}"
        page.goto(path)
        for folds in page.locator("details").all():
            folds.evaluate("folds => folds.open = true")
        for fieldset in page.locator("fieldset.review").all():
            fieldset.get_by_label("Correct").check()
        page.evaluate("window.scrollTo(0, 0)")  # where the bar at the top covers nothing
        options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
        found = Axe().run(page, options=options).response
        if found["violations"]:
            faults[path] = [
                (v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]
            ]
        assert len(found["passes"]) > 15, path
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    assert faults == {}


@pytest.mark.parametrize("width", [1200, 1000, 800])
def test_the_bar_at_the_top_fits_between_desktop_and_phone(visit, width):
    page = visit("root", "/queue", viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Sign out").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_without_an_account_have_no_fault(chromium, address, scheme):
    page = chromium.new_page(base_url=address, color_scheme=scheme, viewport=PHONE)
    page.goto("/sign-in")
    page.get_by_label("Username").fill("rita")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button").filter(has_text="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found = Axe().run(page)
    assert found.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.close()


def test_everything_but_marking_works_without_script(tmp_path):
    with open_desk(tmp_path) as app:
        correct_without_script(app)


def correct_without_script(app):
    browser = Browser(app, "rita")
    key = key_of(app, "calm")
    browser.get(f"/conversations/{key}")
    answer = browser.post(
        f"/conversations/{key}/review",
        {"verdict.kind": "correct", "outcome.kind": "pass", "seen.kind": "fail",
         "version.kind": "0"},
    )  # fmt: skip
    assert answer.status_code == 303
    assert ">100.0</span>" in browser.get(f"/conversations/{key}").text
