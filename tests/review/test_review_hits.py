"""The words of a search are marked, in the list and in the conversation, and are never markup."""

import re

import pytest
from desk_of_tests import ATTACK, Browser, key_of, open_desk

from convqa.review.transcript import count_hits, show_turns
from convqa.schema import Turn


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as app:
        yield app


def marked(html):
    return re.findall(r'<mark class="(?:\w+ )?hit"[^>]*>(.*?)</mark>', html)


def test_the_list_shows_the_words_around(app):
    html = Browser(app, "rita").get("/queue?tab=all&q=WÉEKS+nobody").text
    assert set(marked(html)) == {"weeks", "nobody"}
    assert html.count('class="passage"') == 4  # of the blue team
    assert "I have waited for three <mark" in html


def test_the_id_is_marked_too(app):
    assert marked(Browser(app, "rita").get("/queue?tab=all&q=secret").text) == ["secret"]


def test_the_conversation_numbers_the_places_and_keeps_the_evidence(app):
    path = f"/conversations/{key_of(app, 'calm')}"
    html = Browser(app, "rita").get(f"{path}?tab=all&q=down+waited").text
    assert '<mark class="fail" data-s="20" data-results="1">Calm </mark>' in html
    assert '<mark class="fail hit" id="h-1" tabindex="-1" data-s="25" data-results="1">down' in html
    assert '<mark class="hit" id="h-2" tabindex="-1" data-s="7">waited</mark>' in html
    assert re.findall(r'href="#(h-\d)"', html) == ["h-1", "h-2"]
    assert "2 places hold words of the search" in html
    none = Browser(app, "rita").get(f"{path}?tab=all&q=calm-").text
    assert "not in the transcript" not in none
    assert "not in the transcript" in Browser(app, "rita").get(f"{path}?tab=all&q=zebra").text
    assert 'class="hits"' not in Browser(app, "rita").get(path).text


def test_what_was_said_stays_text_where_it_is_marked(app):
    browser = Browser(app, "root")
    query = {"tab": "all", "q": "script window onerror"}
    for path in ("/queue", f"/conversations/{key_of(app, 'attack')}"):
        html = browser.get(path, params=query).text
        assert "script" in marked(html), path
        assert "<script>window" not in html.replace(' class="hit"', ""), path
        assert "<img" not in html, path
    assert ATTACK not in browser.get("/queue", params={"tab": "all", "q": ATTACK}).text


def test_hidden_characters_inside_a_place_are_named():
    turns = show_turns([Turn("agent", "pay\u202e me")], (), None, query='"pay me"')
    pieces = [(p.text, p.hit, p.is_first, p.is_odd) for p in turns[0].pieces]
    assert pieces == [
        ("pay", 1, True, False),
        ("[U+202E]", 1, False, True),
        (" me", 1, False, False),
    ]
    assert count_hits(turns) == 1


def test_the_list_says_of_what_the_machine_is_so_sure(app):
    html = Browser(app, "rita").get("/queue?tab=all").text
    assert re.search(r'title="How sure the machine is of its least certain[^"]+">\d+% sure<', html)
