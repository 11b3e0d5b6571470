import dataclasses
from datetime import date

import pytest
from desk_runs import add_people, talk, write_run

from convqa.errors import ReviewError
from convqa.store.appeals import find_appeals, open_appeal
from convqa.store.browsing import (
    find_choices,
    find_conversations,
    find_neighbours,
    reading_list,
)
from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.notes import acknowledge, add_note, assign
from convqa.store.reading import find_key, read_conversation
from convqa.store.reviews import Correction, save_review
from convqa.store.samples import draw_sample
from convqa.store.search import fold, search_terms
from convqa.store.users import find_viewer

# What is said, and how a hurried person types it.
SAID = {
    "en": ("The café on Main Street refused my refund.", "cafe", "REFUSED"),
    "nb": ("Reiseforsikringen gjelder ikke på Røros, sånn er det.", "forsikring", "roros"),
    "da": ("Ærgerligt, men regningen fra Aalborg er rød.", "aergerligt", "regning"),
    "sv": ("Återbetalningen för hemförsäkringen dröjer ända till måndag.", "forsakring", "aterbet"),
    "pl": ("Paczka z Łodzi jeszcze nie dotarła, proszę się uspokoić.", "lodzi", "uspokoic"),
    "ro": ("Îmi pare rău, factura din Timișoara e greșită şi târzie.", "timisoara", "gresita"),
}


def ids(page):
    return [row.conversation_id for row in page.rows]


@pytest.fixture
def desk(database, tmp_path):
    """Blue: c1 (dismissive), c2 (critical), c3 (good, of another agent); red: c4; no team: c5."""
    people = add_people(database)
    talks = [
        talk("c1"), talk("c2", insult="fail"),
        talk("c3", kind="pass", agent_id="a2", started_at="2026-11-02T10:00:00Z"),
        talk("c4", team="red", agent_id="a3"), talk("c5", team=None, agent_id=None),
    ]  # fmt: skip
    load_run(database, write_run(tmp_path / "run", talks))
    return database, people


def test_the_queue_puts_critical_errors_first_then_low_scores(desk):
    database, people = desk
    page = find_conversations(database, people["rita"], Filters())
    assert ids(page) == ["c2", "c1", "c3"]
    assert [row.final_score for row in page.rows] == [0.0, 25.0, 100.0]
    assert [r.conversation_id for r in reading_list(database, people["rita"])] == ["c2", "c1"]
    flagged = find_conversations(database, people["rita"], Filters(is_flagged=True))
    assert (ids(flagged), flagged.n_found, flagged.is_more) == (["c2", "c1"], 2, False)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ada", {"c1", "c2"}), ("rita", {"c1", "c2", "c3"}), ("rex", {"c4"}),
        ("max", {"c1", "c2", "c3"}), ("root", {"c1", "c2", "c3", "c4", "c5"}),
    ],
)  # fmt: skip
def test_everyone_finds_only_what_role_and_team_allow(desk, name, seen):
    database, people = desk
    viewer = people[name]
    for filters in (Filters(), Filters(text="calm down"), Filters(criterion="kind")):
        assert set(ids(find_conversations(database, viewer, filters))) == seen
    for conversation_id in ("c1", "c2", "c3", "c4", "c5"):
        if conversation_id in seen:
            key = find_key(database, viewer, conversation_id)
            assert read_conversation(database, viewer, key).row.conversation_id == conversation_id
            continue
        with pytest.raises(ReviewError, match="none that you may open"):
            find_key(database, viewer, conversation_id)
        key = find_key(database, people["root"], conversation_id)
        with pytest.raises(ReviewError, match="none that you may open"):
            read_conversation(database, viewer, key)


def test_a_foreign_conversation_cannot_be_written_either(desk):
    database, people = desk
    key = find_key(database, people["root"], "c4")
    rita, max_, ada = people["rita"], people["max"], people["ada"]
    for write in (
        lambda: save_review(database, rita, key, Correction("kind", "corrected", "pass")),
        lambda: add_note(database, rita, key, "x", is_for_agent=True),
        lambda: assign(database, max_, key, "max"),
        lambda: acknowledge(database, ada, key),
        lambda: open_appeal(database, ada, key, addressee="root", reason="x"),
    ):
        with pytest.raises(ReviewError, match="none that you may open"):
            write()


def test_after_a_transfer_the_agent_who_is_charged_sees_it(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk(agent_id="other", charged="a1")]))
    assert ids(find_conversations(database, people["ada"], Filters())) == ["c1"]


def test_choices_are_those_of_the_own_teams(desk):
    database, people = desk
    assert find_choices(database, people["rex"]).agent_ids == ("a3",)
    assert find_choices(database, people["rita"]).agent_ids == ("a1", "a2")
    assert find_choices(database, people["ada"]).agent_ids == ("a1",)
    assert find_choices(database, people["root"]).teams == ("blue", "red")
    nobody = dataclasses.replace(people["rita"], teams=frozenset())
    assert find_choices(database, nobody).agent_ids == ()


def test_in_aggregate_only_mode_single_conversations_are_closed(desk):
    database, people = desk
    key = find_key(database, people["root"], "c1")
    change_settings(database, people["root"], DeskSettings(aggregate_only=True))
    for name in ("rita", "max", "root"):
        viewer = find_viewer(database, name)
        assert find_conversations(database, viewer, Filters()).n_found == 0
        with pytest.raises(ReviewError):
            read_conversation(database, viewer, key)
    ada = find_viewer(database, "ada")
    assert find_conversations(database, ada, Filters()).n_found == 2
    # An appeal opens its conversation to the one who decides it.
    open_appeal(database, ada, key, addressee="max", reason="I was kind.")
    max_ = find_viewer(database, "max")
    assert ids(find_conversations(database, max_, Filters())) == ["c1"]
    assert len(find_appeals(database, max_)) == 1


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(flag="dismissive"), {"c1", "c2", "c4", "c5"}),
        (Filters(flag="critical:insult"), {"c2"}),
        (Filters(band="good"), {"c3"}),
        (Filters(status="provisional"), {"c2"}),
        (Filters(team="red"), {"c4"}),
        (Filters(agent_id="a2"), {"c3"}),
        (Filters(highest_score=20), {"c2"}),
        (Filters(lowest_score=25), {"c1", "c3", "c4", "c5"}),
        (Filters(criterion="kind", outcome="pass"), {"c3"}),
        (Filters(standard_version="2.0"), set()),
        (Filters(first_day=date(2026, 11, 2)), {"c3"}),
        (Filters(last_day=date(2026, 11, 1)), {"c1", "c2", "c4", "c5"}),
        (Filters(is_reviewed=True), set()),
        (Filters(assigned_to="rita"), set()),
        (Filters(appeal="open"), set()),
        (Filters(text="c4"), {"c4"}),
    ],
)
def test_filters(desk, filters, found):
    database, people = desk
    assert set(ids(find_conversations(database, people["root"], filters))) == found


def test_pages_and_neighbours_follow_the_same_order(desk):
    database, people = desk
    root = people["root"]
    for sort in ("risk", "newest", "oldest", "lowest", "highest", "unsure"):
        whole = [r.key for r in find_conversations(database, root, Filters(), sort=sort).rows]
        pages = [
            row.key
            for number in (1, 2, 3)
            for row in find_conversations(
                database, root, Filters(), sort=sort, number=number, size=2
            ).rows
        ]
        assert pages == whole
        assert len(set(whole)) == 5
        middle = find_neighbours(database, root, Filters(), whole[2], sort=sort)
        assert (middle.previous, middle.next) == (whole[1], whole[3])
        first = find_neighbours(database, root, Filters(), whole[0], sort=sort)
        assert (first.previous, first.next) == (None, whole[1])


@pytest.mark.parametrize("language", SAID)
def test_search_finds_words_with_and_without_their_marks(database, tmp_path, language):
    root = add_people(database)["root"]
    others = [talk(name, texts=("Nothing of the kind.", SAID[name][0])) for name in SAID]
    load_run(database, write_run(tmp_path / "run", others))
    text, *typed = SAID[language]
    words = text.split()
    queries = (
        *typed,
        " ".join(typed),
        max(words, key=len).upper(),
        f'"{words[0]} {words[1]}"',
        fold(text),
    )
    for query in queries:
        assert ids(find_conversations(database, root, Filters(text=query))) == [language], query
    assert ids(find_conversations(database, root, Filters(text=f'"{words[1]} {words[0]}"'))) == []
    assert ids(find_conversations(database, root, Filters(text=f"{typed[0]} xylophone"))) == []


def test_short_words_stand_alone_and_signs_mean_nothing():
    assert fold("Łódź — «Ærø»") == " lodz aero "
    assert search_terms('på 100% "Ja, takk" _') == (" pa ", "100", "ja takk")
    assert search_terms("%% __ ''") == ()


def test_a_sample_is_the_same_for_the_same_seed_and_blind_to_flags(database, tmp_path):
    people = add_people(database)
    talks = [talk(f"c{i}", kind="pass" if i % 2 else "fail") for i in range(20)]
    talks.append(talk("short", is_skipped=True))
    load_run(database, write_run(tmp_path / "run", talks))
    drawn = []
    for seed in (7, 7, 8):
        sample = draw_sample(database, people["max"], "week 48", Filters(), size=6, seed=seed)
        drawn.append(
            sorted(ids(find_conversations(database, people["max"], Filters(sample=sample))))
        )
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 6
    whole = draw_sample(database, people["max"], "all", Filters(), size=99, seed=1)
    page = find_conversations(database, people["max"], Filters(sample=whole))
    assert page.n_found == 20
    assert "short" not in ids(page)
