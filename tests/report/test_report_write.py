import json
import re
import stat
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from report_runs import TURNS, evaluation, skipped, small_run, summary, write

from convqa.errors import ConfigError
from convqa.report import write_report
from convqa.schema import LANGUAGES, CriterionResult, Evidence


def payload(html):
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


def plain(html):
    """Return the words of the page without its script and data."""
    body = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_file_is_readable_by_its_owner_only(tmp_path):
    path = tmp_path / "report.html"
    write(path, small_run())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_same_run_gives_the_same_bytes(tmp_path):
    first = write(tmp_path / "a.html", small_run())
    assert write(tmp_path / "b.html", list(reversed(small_run()))) == first


def test_policy_allows_its_own_script_and_style_alone(tmp_path):
    html = write(tmp_path / "r.html", small_run())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1].replace("&#39;", "'")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        code = re.search(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)[1]
        assert rules[name] == f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'"


def test_page_names_no_other_place(tmp_path):
    html = write(tmp_path / "r.html", small_run())
    assert re.findall(r"""https?://|["'(]//|@import|url\(|\s(?:src|style|on\w+)=""", html) == []


def test_story_tells_the_run_in_sentences(tmp_path):
    words = plain(write(tmp_path / "r.html", small_run()))
    assert "12 conversations scored, 82.3 points on average." in words
    assert "2 are worth reading." in words
    assert "1 may hold a critical error" in words
    assert "Most points were lost on: Resolution." in words
    assert "13 read = 12 scored + 0 skipped + 1 rejected." in words
    assert "turns[0].text: missing" in words


def test_figures_of_few_conversations_are_not_shown(tmp_path):
    run = [evaluation(f"a{i}", agent_id="often") for i in range(5)]
    run += [evaluation(f"b{i}", agent_id="seldom", empathy="fail") for i in range(4)]
    words = plain(write(tmp_path / "r.html", run)).split("By agent")[1]
    assert "often 5" in words
    assert "seldom" not in words
    assert "1 group with fewer than 5 conversations is not shown (4 in all)." in words


def test_figures_of_small_teams_are_not_shown(tmp_path):
    run = [evaluation(f"a{i}", agent_id=f"x{i}", team="large") for i in range(5)]
    run += [evaluation(f"b{i}", agent_id="one", team="tiny") for i in range(9)]
    words = plain(write(tmp_path / "r.html", run)).split("By team")[1].split("By agent")[0]
    assert "large 5" in words
    assert "tiny" not in words
    assert "1 team with fewer than 5 conversations or 5 agents is not shown" in words


def test_shows_as_many_as_asked_and_says_of_how_many(tmp_path):
    run = [evaluation(f"c{i:02}") for i in range(30)]
    asked = []

    def transcripts(ids):
        asked.append(list(ids))
        return dict.fromkeys(ids, TURNS)

    path = tmp_path / "r.html"
    write_report(path, summary(run), (), run, transcripts, max_conversations=10)
    html = path.read_text(encoding="utf-8")
    assert "10 of 30 conversations can be read here" in plain(html)
    assert "30 conversations scored" in plain(html)
    assert [len(ids) for ids in asked] == [10]
    assert len(payload(html)["conversations"]) == 10


def test_good_work_is_praised_in_its_own_words(tmp_path):
    words = plain(write(tmp_path / "r.html", small_run()))
    praise = words.split("Good work to recognise")[1].split("Scores")[0]
    assert "100.0 more-6 agent 6 · blue" in praise
    assert "calm-1" not in praise
    assert "Calm down." in praise  # the words that met the heaviest criterion


def test_words_of_the_customer_are_no_praise(tmp_path):
    made = evaluation("a")
    thanks = made.criteria[3]._replace(evidence=(Evidence(2, 0, 2, "My parcel", "model"),))
    run = [replace(made, criteria=(*made.criteria[:3], thanks))]
    praise = plain(write(tmp_path / "r.html", run)).split("recognise")[1].split("Scores")[0]
    assert "Calm down." in praise
    assert "My parcel" not in praise


def test_not_applicable_does_not_lower_the_rate(tmp_path):
    run = [evaluation(f"n{i}") for i in range(6)]
    run += [evaluation("p", hold="pass"), evaluation("f", hold="fail")]
    run += [evaluation(f"u{i}", hold="undetermined") for i in range(3)]
    words = plain(write(tmp_path / "r.html", run)).split("How often each criterion is met")[1]
    # Met, its interval, passed, in part, failed, not applicable, undetermined.
    assert "50% 9% – 91% 1 0 1 6 3" in words.split("Holds")[1].split("Resolution")[0]


def test_no_agent_is_praised_twice(tmp_path):
    run = [evaluation(f"c{i}", agent_id=f"agent {i % 2}") for i in range(8)]
    praise = plain(write(tmp_path / "r.html", run)).split("recognise")[1].split("Scores")[0]
    assert praise.count("agent 0") == praise.count("agent 1") == 1


def test_every_lost_point_carries_its_reason_and_words(tmp_path):
    html = write(tmp_path / "r.html", small_run())
    calm = next(c for c in payload(html)["conversations"] if c["id"] == "calm-1")
    empathy = calm["results"][1]
    assert empathy["lost"] == 37.5  # 15 of the 40 points that applied
    assert empathy["reason"] == "The customer was worried."
    assert empathy["evidence"] == [{"turn": 3, "quote": "Calm down.", "source": "model"}]
    assert calm["turns"][3]["pieces"] == ["👍 ", ["Calm down.", [1], [1]], " It will come."]
    assert calm["turns"][4]["time"] == "1:02:05"


def test_reasons_are_told_in_the_language_of_the_report(tmp_path):
    made = evaluation("calm-1", empathy="fail")
    lost = made.criteria[1]._replace(reason="Not found in the first 2 turns: empathy.")
    run = [replace(made, criteria=(lost,))]
    shown = payload(write(tmp_path / "r.html", run, language="nb"))["conversations"][0]
    assert shown["results"][0]["reason"] == "Ikke funnet i de første 2 replikkene: empati."


def test_skipped_conversations_are_counted_by_what_they_lack(tmp_path):
    reasons = {
        "not scored: words 3, needed 10": 2,
        "not scored: words 7, needed 10": 1,
        "not scored: the standard does not cover the language de": 4,
        "its file was scored by the run given with --since-run": 5,
    }
    path = tmp_path / "r.html"
    told = summary([], read=12, rejected=0, skipped=12, skip_reasons=reasons)
    write_report(path, told, (), [], lambda _ids: {}, language="da")
    words = plain(path.read_text(encoding="utf-8"))
    assert "For få ord 3 25 %" in words
    assert "Sproget dækkes ikke af standarden: de 4" in words
    assert "Allerede vurderet i en tidligere kørsel 5" in words


def test_criterion_that_earns_nothing_is_not_called_a_strength(tmp_path):
    never = CriterionResult("no_insult", "pass", 0.0, 0.0, 0.0, 0.9, "Never found.")
    made = evaluation("a", empathy="partial", resolution="partial")
    run = [replace(made, criteria=(*made.criteria, never))]
    words = plain(write(tmp_path / "r.html", run))
    strongest = words.split("What goes well most often")[1].split("What costs most")[0]
    assert "Greeting" in strongest
    assert "no_insult" not in strongest


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_speaks_each_language(tmp_path, language):
    html = write(tmp_path / "r.html", [*small_run(), skipped()], language=language)
    assert f'<html lang="{language}">' in html
    assert payload(html)["language"] == language


def test_unknown_language_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="choose one of en, nb, da, sv, pl, ro"):
        write(tmp_path / "r.html", small_run(), language="de")
    assert list(tmp_path.iterdir()) == []


def test_run_without_conversations_is_a_report_too(tmp_path):
    words = plain(write(tmp_path / "r.html", []))
    assert "No conversation was scored." in words
    assert "Nothing was flagged." in words


def test_low_coverage_has_no_score_and_no_band(tmp_path):
    run = [
        evaluation("thin", status="low_coverage", score=None, raw_score=None, band=None,
                   coverage=0.4, flag=True, flags=("low_coverage",)),
    ]  # fmt: skip
    html = write(tmp_path / "r.html", run)
    assert payload(html)["conversations"][0]["score"] is None
    assert "No conversation was scored." in plain(html)


def test_conversation_without_stored_words_is_shown_without_them(tmp_path):
    run, path = small_run(), tmp_path / "r.html"
    write_report(path, summary(run), (), run, lambda _ids: {})
    assert all(c["turns"] == [] for c in payload(path.read_text(encoding="utf-8"))["conversations"])


def test_texts_cannot_end_the_data(tmp_path):
    nasty = "</script><script>alert(1)</script><!-- \u2028"
    run = [evaluation(nasty, agent_id=nasty, team=nasty, queue=nasty)]
    html = write(tmp_path / "r.html", run)
    assert html.count("<script") == 2
    assert payload(html)["conversations"][0]["agent"].startswith("</script><script>alert(1)")
