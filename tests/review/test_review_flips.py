"""What would change an outcome, looked up in the run."""

import shutil

import pytest
from desk_of_tests import Browser, key_of, open_desk

from convqa.errors import ReviewError
from convqa.review.flips import sentence
from convqa.review.wording import load_words
from convqa.schema import LANGUAGES
from convqa.scoring.flips import Flip
from convqa.store.scored import read_findings
from convqa.store.users import find_viewer

FLIPS = (
    Flip("counted", "pass", "greeting", 0, 0.4),
    Flip("missing", "fail", "greeting", 2),
    Flip("added", "fail", "dismissive", 1),
    Flip("nowhere", "fail", "greeting"),
    Flip("nothing", "fail"),
    Flip("resolution", "pass", "resolved"),
    Flip("ending", "na", "customer_left"),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_has_a_sentence(language):
    told = [sentence(load_words(language), flip) for flip in FLIPS]
    assert len(set(told)) == len(FLIPS)
    assert "{" not in "".join(told)


def test_sentence_names_the_turn_as_the_page_does():
    told = sentence(load_words("en"), FLIPS[0])
    assert told == "If «greeting» counted in turn 1, where it was 40% sure"


def test_sentence_names_phrases_of_ones_own_in_words():
    told = sentence(load_words("en"), Flip("missing", "fail", label="comes_back.said", turn=0))
    assert "«comes back.said»" in told


def test_changes_are_looked_up_in_the_run(tmp_path):
    with open_desk(tmp_path) as app:
        browser = Browser(app, "rita")
        path = f"/conversations/{key_of(app, 'calm')}/flips"
        html = browser.get(f"{path}/kind").text
        assert "If nothing had been found of what it looks for" in html
        assert browser.get(f"{path}/nothing-like-it").status_code == 404
        assert Browser(app, "rex").get(f"{path}/greeting").status_code == 404
        shutil.rmtree(tmp_path / "run")
        assert "not on this machine any more" in browser.get(f"{path}/greeting").text


def test_findings_are_only_for_who_may_open_the_conversation(tmp_path):
    with open_desk(tmp_path) as app:
        database = app.state.desk.database
        key = key_of(app, "calm")
        segmented, findings = read_findings(database, find_viewer(database, "rita"), key)
        assert segmented.conversation.id == "calm"
        assert findings == ()
        with pytest.raises(ReviewError, match="none that you may open"):
            read_findings(database, find_viewer(database, "rex"), key)
