"""The report in a real browser: what runs, what it asks the network for, how it looks and works."""

from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright
from report_runs import TURNS, evaluation, small_run, write

from convqa.schema import Evidence, Turn, Version

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ATTACK = "</script><script>window.hit=1</script><img src=x onerror='window.hit=1'>"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_report(chromium, tmp_path):
    """Open a report and, at the end, see that nothing was fetched, refused or broken."""
    contexts, complaints, fetched = [], [], []

    def opened(evaluations, *, address="", turns=TURNS, language="en", **options) -> Page:
        path = tmp_path / "report.html"
        write(path, evaluations, turns=turns, language=language)
        context = chromium.new_context(**{"viewport": DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(path.as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in fetched if not url.endswith("/report.html")] == []


def listed(page):
    return page.locator("#items .id").all_inner_texts()


def test_nothing_in_a_text_runs(open_report):
    evidence = Evidence(0, 0, len(ATTACK), ATTACK, "model")
    attacked = evaluation(
        ATTACK, agent_id=ATTACK, team=ATTACK, queue=ATTACK, language=ATTACK, channel=ATTACK,
        band=ATTACK, flags=(f"critical:{ATTACK}", ATTACK), critical=(ATTACK,), flag=True,
        ending=ATTACK, standard=Version(ATTACK, ATTACK, ATTACK),
    )  # fmt: skip
    results = tuple(
        result._replace(reason=ATTACK, evidence=(evidence,), agent_id=ATTACK)
        for result in attacked.criteria
    )
    run = [
        replace(attacked, conversation_id=f"{ATTACK}{i}", criteria=results) for i in range(5)
    ] + [evaluation(f"calm-{i}") for i in range(5)]
    page = open_report(run, turns=(Turn("agent", ATTACK, agent_id=ATTACK),), address="#list")
    expect(page.locator(".said")).to_contain_text(ATTACK)
    expect(page.locator(".reason").first).to_contain_text(ATTACK)
    expect(page.locator("#conversation h2")).to_contain_text(ATTACK)
    page.locator("nav a").first.click()
    expect(page.locator(".teasers .id").first).to_contain_text(ATTACK)
    expect(page.locator("tbody th", has_text=ATTACK).first).to_be_visible()
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0


def test_policy_stops_a_script_that_got_in(chromium, tmp_path):
    path = tmp_path / "broken.html"
    html = write(path, small_run()).replace("<noscript>", "<script>window.hit=1</script><noscript>")
    path.write_text(html, encoding="utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("window.hit") is None
    page.close()


def test_filters_narrow_the_list(open_report):
    page = open_report(small_run(), address="#list")
    assert listed(page)[:2] == ["secret-1", "calm-1"]
    page.get_by_label("Show", exact=True).select_option("flagged")
    assert listed(page) == ["secret-1", "calm-1"]
    page.get_by_text("More filters").click()
    page.get_by_label("Criterion failed").select_option("empathy")
    assert listed(page) == ["calm-1"]
    expect(page.locator("#shown")).to_have_text("1 of 12")
    page.get_by_role("button", name="Clear all").click()
    page.get_by_label("Team", exact=True).select_option("red")
    assert listed(page) == ["good-1"]


def test_search_finds_words_ids_and_agents_without_accents(open_report):
    run = [evaluation("first"), evaluation("second", agent_id="Østergård")]
    page = open_report(run, address="#list")
    for words, found in (
        ("ZAZOLC jazn", ["first", "second"]),
        ("ostergard", ["second"]),
        ("SECOND", ["second"]),
        ("no such word", []),
    ):
        page.get_by_label("Search", exact=True).fill(words)
        assert sorted(listed(page)) == found, words
    expect(page.get_by_text("No conversation matches.")).to_be_visible()


def test_words_searched_for_stand_out(open_report):
    page = open_report([evaluation("one")], address="#list")
    page.get_by_label("Search", exact=True).fill("gesla")
    ranges = page.evaluate("[...CSS.highlights.get('search')].map(String)")
    assert ranges == ["gęślą"]


def test_list_sorts_by_score_and_date(open_report):
    run = [
        evaluation("middle", resolution="partial", started_at="2026-11-05T10:00:00"),
        evaluation("worst", empathy="fail", started_at="2026-11-03T10:00:00"),
        evaluation("best", started_at="2026-11-04T10:00:00"),
    ]
    page = open_report(run, address="#list")
    for order, ids in (
        ("best", ["best", "middle", "worst"]),
        ("worst", ["worst", "middle", "best"]),
        ("newest", ["middle", "best", "worst"]),
        ("oldest", ["worst", "best", "middle"]),
    ):
        page.get_by_label("Sort by").select_option(order)
        assert listed(page) == ids, order


def test_mark_and_criterion_lead_to_each_other(open_report):
    page = open_report(small_run(), address="#conversation=calm-1")
    mark = page.locator("mark.fail", has_text="Calm down.")
    assert mark.inner_text() == "Calm down."
    page.locator(".turn", has=mark).get_by_role("button", name="Empathy: Failed").click()
    expect(page.locator(".result.found h4")).to_have_text("2. Empathy")
    expect(page.locator(".result.found")).to_be_focused()
    page.locator(".result.found .quote").click()
    expect(page.locator(".turn.found mark.found")).to_have_text(["Calm down."])


def test_every_lost_point_is_explained_and_adds_up(open_report):
    page = open_report(small_run(), address="#conversation=calm-1")
    lost = page.locator(".lost .result", has_text="Empathy")
    expect(lost).to_contain_text("−37.5 of 100")
    expect(lost).to_contain_text("The customer was worried.")
    expect(lost.locator(".quote")).to_contain_text("Calm down.")
    expect(lost).to_contain_text("Next time: Name what the customer is going through.")
    expect(lost).to_contain_text("Worth an appeal: When the customer was not worried.")
    expect(page.locator(".formula").first).to_have_text("Score = 100 × 5 ÷ 40 = 12.5")
    expect(page.locator(".verdict")).to_contain_text("12.5")


def test_ledger_leaves_out_what_cannot_earn_points(open_report):
    made = evaluation("one")
    run = [
        replace(
            made,
            criteria=(
                *made.criteria,
                made.criteria[0]._replace(id="x", max_points=0, weight=0, points=0),
            ),
        )
    ]
    page = open_report(run, address="#list")
    expect(page.locator(".ledger tbody th")).to_have_text(
        ["1. Greeting", "2. Empathy", "3. Holds", "4. Resolution"]
    )


def test_critical_error_is_provisional(open_report):
    page = open_report(small_run(), address="#conversation=secret-1")
    expect(page.locator(".notice.severe")).to_contain_text("Asked for secret data")
    expect(page.locator(".notice.severe")).to_contain_text("provisional until a person confirms")
    expect(page.locator(".formula").first).to_have_text("Score = 100 × 40 ÷ 40 = 100.0")
    expect(page.locator(".verdict .score")).to_have_text("0.0")


def test_keys_step_through_the_list_and_can_be_switched_off(open_report):
    page = open_report(small_run(), address="#list")
    title = page.locator("#conversation h2")
    expect(title).to_have_text("secret-1")
    page.keyboard.press("j")
    expect(title).to_have_text("calm-1")
    assert page.url.endswith("#conversation=calm-1")
    page.keyboard.press("k")
    expect(title).to_have_text("secret-1")
    page.keyboard.press("/")
    page.keyboard.type("jk")
    expect(page.get_by_label("Search", exact=True)).to_have_value("jk")
    page.get_by_label("Search", exact=True).fill("")
    page.keyboard.press("Escape")
    page.get_by_label("Keys:").uncheck()
    page.get_by_role("heading", name="secret-1").click()
    page.keyboard.press("j")
    expect(title).to_have_text("secret-1")


def test_link_opens_the_conversation_it_names(open_report):
    name = "2026/11 #7 & «æ» 100%"
    page = open_report([evaluation(name), evaluation("other", empathy="fail")])
    page.locator(".praise a").click()
    expect(page.locator("#conversation h2")).to_have_text(name)
    page.reload()
    expect(page.locator("#conversation h2")).to_have_text(name)
    page.goto(page.url.split("#")[0] + "#conversation=gone")
    expect(page.locator("#conversation")).to_have_text("This conversation is not in the report.")


def test_overview_leads_to_the_conversations_behind_a_figure(open_report):
    page = open_report(small_run())
    page.locator(".criteria tr", has_text="Empathy").get_by_role("link").click()
    expect(page.locator("#items .id")).to_have_text(["calm-1"])
    page.locator("nav a").first.click()
    page.locator(".counts").get_by_role("link", name="Fair").click()
    expect(page.locator("#items .id")).to_have_text(["half-1"])


def test_order_of_the_characters_cannot_be_turned(open_report):
    turns = (Turn("agent", "pay \u202e0001\u202c now"),)
    page = open_report([evaluation("a\u202eb")], turns=turns, address="#list")
    expect(page.locator(".said")).to_have_text("pay [U+202E]0001[U+202C] now")
    expect(page.locator("#conversation h2")).to_have_text("a[U+202E]b")


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("language", ["en", "pl"])
@pytest.mark.parametrize("address", ["", "#list", "#conversation=calm-1"])
def test_phone_needs_no_sideways_scroll(open_report, address, language, width):
    run = small_run() + [evaluation(f"one-of-a-hundred-{i}") for i in range(100)]
    size = {"width": width, "height": 740}
    page = open_report(run, address=address, language=language, viewport=size)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if address == "#list":
        page.locator("#items a").first.click()
        expect(page.locator("#items")).to_be_hidden()
        page.locator(".back").click()
        expect(page.locator("#items")).to_be_visible()


def test_colours_follow_the_system_and_the_button(open_report):
    page = open_report(small_run(), color_scheme="dark")

    def lightness():
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return int(colour.removeprefix("rgb(").split(",")[0])

    assert lightness() < 50
    button = page.get_by_role("button", name="Colours")
    button.click()
    assert lightness() > 200
    button.click()
    assert lightness() < 50


def test_paper_shows_what_is_read_with_nothing_folded(open_report):
    page = open_report(small_run(), address="#conversation=calm-1")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.locator("#items")).to_be_hidden()
    expect(page.locator(".result .reason").first).to_be_visible()
    expect(page.locator(".result", has_text="Greeting").first).to_be_visible()
    expect(page.locator(".turn").last).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_all_that_are_listed_can_be_printed(open_report):
    page = open_report(small_run(), address="#list?show=flagged")
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="Print all that are listed").click()
    page.emulate_media(media="print")
    expect(page.locator("#printed h2")).to_have_text(["secret-1", "calm-1"])
    expect(page.locator("#printed .said").first).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#printed h2").count() == 0


def test_overview_is_whole_without_script(open_report):
    page = open_report(small_run(), java_script_enabled=False)
    expect(page.locator("h1").first).to_contain_text("12 conversations scored")
    expect(page.locator("noscript")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "#conversation=calm-1", "#conversation=secret-1"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_page_has_no_fault_of_accessibility(open_report, address, scheme, viewport):
    page = open_report(small_run(), address=address, color_scheme=scheme, viewport=viewport)
    for folds in page.locator("details:visible").all():
        folds.evaluate("folds => folds.open = true")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
    assert found.response["violations"] == []
    assert len(found.response["passes"]) > 20


def test_five_hundred_conversations_stay_quick_and_small(open_report, tmp_path):
    long = tuple(
        Turn("agent" if i % 2 else "customer", f"Turn {i}: " + "some words of a usual length " * 4)
        for i in range(25)
    )
    run = [evaluation(f"c{i:03}", empathy="fail" if i % 3 == 0 else "pass") for i in range(500)]
    page = open_report(run, turns=long, address="#list")
    assert (tmp_path / "report.html").stat().st_size < 5_000_000
    expect(page.locator("#items li")).to_have_count(500)
    milliseconds = page.evaluate(
        """() => {
          const start = performance.now();
          search.value = "turn 24";
          showList();
          move(1);
          return performance.now() - start;
        }"""
    )
    assert milliseconds < 2000  # a pause that is felt, with room for a busy machine
