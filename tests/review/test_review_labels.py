"""From corrections to label files."""

import json
import shutil
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from stat import S_IMODE

import pytest
from desk_of_tests import SECRET, Browser
from labelled_talks import DISMISSIVE, said

from convqa.cli.labels import labels
from convqa.heads.labels import read_labels
from convqa.review.app import create_app
from convqa.review.label_files import FORMATS, collect_labels, label_studio_config
from convqa.schema import Span
from convqa.standard import Standard
from convqa.store.audit import read_audit
from convqa.store.erasing import erase_from_desk
from convqa.store.filters import Filters
from convqa.store.labelled import read_reviewed
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.reviews import Correction, save_review
from convqa.store.samples import draw_sample
from convqa.store.scored_memory import ScoredMemory
from store.desk_runs import add_people, talk, write_run

HELLO = Span(0, 0, 5)
CALM = Span(0, 20, 29)


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    talks = [said(name, found=DISMISSIVE) for name in ("c1", "c2", "c3")]
    load_run(database, write_run(tmp_path / "run", [*talks, talk("far", team="red")]))
    return database, people, tmp_path / "run"


def review(desk, name, criterion_id, state, outcome, *spans):
    database, people, _ = desk
    key = find_key(database, people["root"], name)
    save_review(
        database, people["root"], key, Correction(criterion_id, state, outcome, tuple(spans))
    )


def collected(desk, viewer="root", **options):
    database, people, _ = desk
    return collect_labels(read_reviewed(database, people[viewer], Filters(), **options))


def sheet(found, name):
    (only,) = [s for s in found.sheets if s.name == name]
    return {row.id: row for row in only.rows}


def test_a_lifted_fail_takes_the_label_from_every_sentence_of_the_agent(desk):
    review(desk, "c1", "kind", "corrected", "pass")
    rows = sheet(collected(desk), "chosen.agent.empathy")
    assert {name: (row.labels, row.machine) for name, row in rows.items()} == {
        "c1:0": (("none",), ("none",)),
        "c1:1": (("none",), ("dismissive",)),  # the likeliest that is left
        "c1:3": (("none",), ("none",)),
    }
    assert rows["c1:1"].judged == ("dismissive",)
    assert rows["c1:3"].context == "I have waited for three weeks now and nobody answers me."
    assert rows["c1:0"].context == ""


def test_label_files_are_read_by_their_owner_only(desk, tmp_path):
    review(desk, "c1", "kind", "corrected", "pass")
    labels(tmp_path / "labels", db=desk[0].engine.url.render_as_string(hide_password=False))
    files = [*(tmp_path / "labels").iterdir()]
    assert {S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert S_IMODE((tmp_path / "labels").stat().st_mode) == 0o700


def test_marked_words_get_the_label(desk):
    review(desk, "c1", "kind", "corrected", "fail", HELLO)
    rows = sheet(collected(desk), "chosen.agent.empathy")
    # The words decide, not the machine's; beside the machine's they would be missing ones.
    labels = {name: row.labels for name, row in rows.items()}
    assert labels == {"c1:0": ("dismissive",), "c1:1": ("none",)}
    review(desk, "c2", "kind", "missing_evidence", "fail", HELLO, CALM)
    rows = sheet(collected(desk), "chosen.agent.empathy")
    assert rows["c2:0"].labels == rows["c2:1"].labels == ("dismissive",)


def test_a_confirmed_fail_confirms_the_words_of_the_machine(desk):
    review(desk, "c1", "kind", "confirmed", "fail")
    rows = sheet(collected(desk), "chosen.agent.empathy")
    assert {name: row.labels for name, row in rows.items()} == {"c1:1": ("dismissive",)}


def test_a_head_of_several_labels_keeps_the_others(desk):
    review(desk, "c1", "greeting", "corrected", "fail")
    rows = sheet(collected(desk), "chosen.agent.acts")
    assert {name: row.labels for name, row in rows.items()} == {
        "c1:0": (), "c1:1": (), "c1:3": ("closing",),
    }  # fmt: skip
    review(desk, "c2", "greeting", "corrected", "pass", Span(2, 0, 7))
    assert sheet(collected(desk), "chosen.agent.acts")["c2:3"].labels == ("closing", "greeting")


def test_what_does_not_follow_is_counted(desk):
    database, _, run = desk
    review(desk, "c1", "kind", "corrected", "na")
    review(desk, "c1", "both", "confirmed", "fail")
    review(desk, "c1", "greeting", "confirmed", "pass")  # the machine had no words for it
    assert dict(collected(desk).left_out) == {"unclear": 1, "no_head": 1, "no_words": 1}
    review(desk, "c2", "kind", "confirmed", "fail")
    again = write_run(run.parent / "again", [said("c2", kind="pass")], inputs="g.jsonl")
    load_run(database, again)
    assert collected(desk).left_out["stale"] == 1
    shutil.rmtree(run)
    shutil.rmtree(again)
    assert dict(collected(desk).left_out) == {"no_run": 4}


def as_criterion(desk, name, **changes):
    """Return the labels of a conversation as if `kind` were another criterion of its standard."""
    database, people, _ = desk
    reviewed = next(
        r for r in read_reviewed(database, people["root"], Filters()) if r.conversation_id == name
    )
    used = reviewed.standard.model_dump(mode="json", exclude_defaults=True)
    (kind,) = [c for c in used["sections"][0]["criteria"] if c["id"] == "kind"]
    kept = {"id": "kind", "weight": 10}
    kind.clear()
    kind.update(kept, **changes)
    return collect_labels([replace(reviewed, standard=Standard.model_validate(used))])


ORDER = {"kind": "order", "first": {"act": "greeting"}, "then": {"act": "closing"}}


def test_what_comes_after_in_an_order_does_not_get_the_label_of_what_comes_first(desk):
    review(desk, "c1", "kind", "missing_evidence", "fail", HELLO, Span(2, 0, 7))
    with desk[0].writing() as connection:
        connection.exec_driver_sql("UPDATE reviews SET outcome = 'pass'")
    rows = sheet(as_criterion(desk, "c1", **ORDER), "chosen.agent.acts")
    assert {name: row.labels for name, row in rows.items()} == {"c1:0": ("greeting",)}


def test_what_was_said_too_late_or_allowed_keeps_its_label(desk):
    review(desk, "c1", "kind", "confirmed", "fail")
    late = as_criterion(desk, "c1", **ORDER)
    review(desk, "c2", "kind", "corrected", "pass")
    label = {"kind": "label", "find": {"empathy": "dismissive"}, "expect": "absent"}
    allowed = as_criterion(desk, "c2", **label, pass_when=[{"metadata": {"joke": True}}])
    for found in (late, allowed):
        assert (found.sheets, found.left_out) == ((), {"unclear": 1})


def test_people_who_contradict_each_other_give_no_label(desk):
    review(desk, "c1", "kind", "confirmed", "fail")
    database, people, _ = desk
    (reviewed,) = read_reviewed(database, people["root"], Filters())
    other = [
        c.__class__(**{s: getattr(c, s) for s in c.__slots__} | {"outcome": "pass"})
        for c in reviewed.corrections
    ]
    both = type(reviewed)(
        **{s: getattr(reviewed, s) for s in reviewed.__slots__}
        | {"corrections": (*reviewed.corrections, *other)}
    )
    found = collect_labels([both])
    assert set(sheet(found, "chosen.agent.empathy")) == {"c1:0", "c1:3"}
    assert found.left_out == Counter(unclear=1)


def test_rows_of_random_samples_lie_apart(desk):
    database, people, _ = desk
    for name in ("c1", "c2"):
        review(desk, name, "kind", "corrected", "pass")
    draw_sample(database, people["root"], "s", Filters(text="c2"), size=1, seed=1)
    found = collected(desk)
    assert set(sheet(found, "random.agent.empathy")) == {"c2:0", "c2:1", "c2:3"}
    assert set(sheet(found, "chosen.agent.empathy")) == {"c1:0", "c1:1", "c1:3"}
    (only,) = collected(desk, is_random=True).sheets
    assert only.drawn == "random"


def test_labels_are_of_conversations_that_the_person_may_open(desk):
    review(desk, "c1", "kind", "corrected", "pass")
    assert collected(desk, "rex").sheets == ()
    assert len(collected(desk, "rita").sheets) == 1


def test_files_hold_what_their_readers_ask_for(desk, tmp_path):
    review(desk, "c1", "kind", "corrected", "pass")
    review(desk, "c1", "greeting", "corrected", "fail")
    by_name = {s.name: s for s in collected(desk).sheets}
    path = tmp_path / "labels.jsonl"
    path.write_text(FORMATS["convqa"].write(by_name["chosen.agent.empathy"]), encoding="utf-8")
    assert read_labels(path).kind == "one_of"
    rows = read_labels(path).rows
    assert rows[1].labels == ("none",)
    own = [("agent", rows[0].text), ("agent", rows[1].text)]
    assert [list(r.before) for r in rows] == [[], [], [*own, ("customer", rows[2].context)]]
    acts = by_name["chosen.agent.acts"]
    path.write_text(FORMATS["convqa"].write(acts), encoding="utf-8")
    assert read_labels(path).kind == "any_of"
    record = json.loads(FORMATS["argilla"].write(acts))[0]
    assert record["suggestions"]["label"]["value"] == ["none_of_these"]
    assert record["fields"]["text"] == "Hello, this is Ann."
    task = json.loads(FORMATS["label-studio"].write(acts))[0]
    (result,) = task["annotations"][0]["result"]
    config = ElementTree.fromstring(label_studio_config(acts))
    (choices,) = config.findall("Choices")
    offered = {choice.get("value") for choice in choices}
    assert choices.get("name") == result["from_name"]
    assert choices.get("toName") == result["to_name"]
    assert set(result["value"]["choices"]) <= offered
    assert set(task["predictions"][0]["result"][0]["value"]["choices"]) == {"greeting"} <= offered


def test_page_shows_and_gives_the_files_and_keeps_who_took_them(desk):
    review(desk, "c1", "kind", "corrected", "pass")
    browser = Browser(create_app(desk[0], SECRET), "max")
    page = browser.get("/labels").text
    for ending in ("convqa", "argilla", "label-studio", "label-studio-config"):
        path = f"/labels/chosen.agent.empathy/{ending}"
        assert f'href="{path}"' in page
        response = browser.get(path)
        assert response.status_code == 200
        assert "attachment" in response.headers["content-disposition"]
    assert browser.get("/labels/chosen.agent.acts/convqa").status_code == 404
    assert browser.get("/labels/chosen.agent.empathy/other").status_code == 404
    entries = [e for e in read_audit(desk[0]) if e.action == "labels.export"]
    assert [(e.actor, e.subject) for e in entries] == [("max", "chosen.agent.empathy")] * 3
    for path in ("", "/argilla"):
        assert browser.get(f"/api/v1/labels/chosen.agent.empathy{path}").status_code == 200
    entries = [e for e in read_audit(desk[0]) if e.action == "labels.export"]
    assert [(e.actor, e.subject) for e in entries] == [("max", "chosen.agent.empathy")] * 5


def test_a_row_is_the_same_in_the_file_and_by_request(desk):
    review(desk, "c1", "kind", "corrected", "pass")
    browser = Browser(create_app(desk[0], SECRET), "max")
    shown = browser.get("/api/v1/labels/chosen.agent.empathy").json()["items"]
    written = browser.get("/labels/chosen.agent.empathy/convqa").text.splitlines()
    assert shown[-1]["before"]
    assert [{**row, "drawn": "chosen"} for row in shown] == [json.loads(line) for line in written]


def test_a_run_is_read_once_for_all_exports(desk):
    memory = ScoredMemory()
    review(desk, "c1", "kind", "corrected", "pass")
    first = collected(desk, memory=memory)
    shutil.rmtree(desk[2])
    assert collected(desk, memory=memory) == first
    assert collected(desk).sheets == ()
    review(desk, "c2", "kind", "corrected", "pass")  # was not asked for before
    assert dict(collected(desk, memory=memory).left_out) == {"no_run": 1}


def test_what_was_erased_or_scored_anew_is_not_kept(desk):
    database, people, run = desk
    memory = ScoredMemory()
    for name in ("c1", "c2", "c3"):
        review(desk, name, "kind", "confirmed", "fail")
    collected(desk, memory=memory)
    assert len(memory) == 3
    erase_from_desk(database, people["root"], "c1")
    found = collected(desk, memory=memory)
    assert len(memory) == 2
    again = write_run(run.parent / "again", [said("c2", kind="pass")], inputs="g.jsonl")
    load_run(database, again)
    assert collected(desk, memory=memory).left_out["stale"] == 1
    assert len(memory) == 2
    assert found.left_out == {}


def test_no_more_is_kept_than_fits(desk):
    review(desk, "c1", "kind", "confirmed", "fail")
    database, people, _ = desk
    (reviewed,) = read_reviewed(database, people["root"], Filters())
    memory = ScoredMemory(2)
    memory.keep("first", {"a": reviewed.scored, "b": reviewed.scored})
    memory.keep("second", {"c": reviewed.scored})
    assert (memory.known("first"), set(memory.known("second"))) == ({}, {"c"})
    memory.keep("third", dict.fromkeys("defg", reviewed.scored))
    assert len(memory) == 2


def test_pages_and_api_share_what_was_read(desk):
    review(desk, "c1", "kind", "corrected", "pass")
    browser = Browser(create_app(desk[0], SECRET), "max")
    assert browser.get("/labels").status_code == 200
    shutil.rmtree(desk[2])
    assert "Calm down" in browser.get("/labels/chosen.agent.empathy/convqa").text
    assert browser.get("/api/v1/labels").json()["sheets"][0]["n_rows"] == 3
