"""The dashboards: what they say, what they hide, and their tables as files."""

import io
import re

import pytest
from desk_of_tests import Browser, open_desk
from openpyxl import load_workbook

from convqa.review.dashboards.groups import ordered
from convqa.review.dashboards.scope import Scope
from convqa.review.dashboards.tables import Cell, Column, Table
from convqa.review.dashboards.trend import find_cuts
from convqa.schema import Version
from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.figures import ScoreFigure
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.users import find_viewer
from store import desk_runs
from store.desk_runs import standard, talk, write_run

PAGES = ("", "/trend", "/moved", "/groups", "/criteria", "/customers", "/best", "/errors")


def many(prefix, days, n, *, team="blue", agents=6, **more):
    """Conversations of several days, every third bad, each agent as often as any other."""
    return [
        talk(
            f"{prefix}-{day}-{i}", kind="fail" if (i + day) % 3 == 0 else "pass", team=team,
            agent_id=f"{team}{i % agents}", started_at=f"2026-11-{day:02}T{i % 24:02}:00:00Z",
            metadata={"csat": 1 + (i + day) % 5, "recontact": i % 4 == 0,
                      "mystery_shop": i % 8 == 7},
            **more,
        )
        for day in days
        for i in range(n)
    ]  # fmt: skip


def load_figures(database, folder):
    """Two standards, one after the other, a team of six agents and one of a single agent."""
    later = standard("2.0", greeting=20)
    first = [*many("old", range(2, 16), 8), *many("few", [3], 4, team="red", agents=1)]
    load_run(database, write_run(folder / "first", first))
    second = many("new", range(16, 29), 8, used=later)
    load_run(database, write_run(folder / "second", second, used=later, inputs="g.jsonl"))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    with open_desk(folder, talks=()) as app:
        load_figures(app.state.desk.database, folder)
        yield app


def rows_of(html, name):
    """Return the text of the cells of a table's rows."""
    table = re.search(
        rf'<div class="scroll"[^>]*aria-labelledby="t-{name}">(.*?)</div>\n</?', html, re.S
    )
    body = table[1].split("<tbody>")[1]
    return [
        [" ".join(re.sub(r"<title>.*?</title>|<[^>]+>", " ", cell).split())
         for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_there_for_managers(app, page):
    answer = Browser(app, "root").get(f"/figures{page}?period=all")
    assert answer.status_code == 200
    assert "figures-card" in answer.text


def test_a_trend_is_cut_where_the_standard_changed(app):
    html = Browser(app, "max").get("/figures?period=28").text
    assert html.count('class="trend"') == 2  # two lines, not joined
    assert html.count('class="cut"') == 1
    assert "Standard: small 1.0 → small 2.0" in html
    days = rows_of(html, "trend")
    assert days[0][:4] == ["2 Nov 2026", "small 1.0", "model 1", "7"]
    assert days[-1][1] == "small 2.0"


def test_a_criterion_is_drawn_over_time_and_cut_alike(app):
    html = Browser(app, "max").get("/figures/criteria?criterion=kind&period=28").text
    assert html.count('class="trend"') == 2
    assert html.count('class="cut"') == 1
    assert rows_of(html, "criterion_period")[0][:3] == ["2 Nov 2026", "small 1.0", "model 1"]


def test_a_small_team_is_named_nowhere_and_counted_as_hidden(app):
    html = Browser(app, "root").get("/figures/groups?by=team&period=all").text
    assert [row[0] for row in rows_of(html, "groups")] == ["blue"]
    assert "1 group is not shown" in html


def test_an_agent_with_few_conversations_has_no_place(app):
    html = Browser(app, "max").get("/figures/groups?by=agent&period=all&sort=mean").text
    rows = rows_of(html, "groups")
    assert {row[0] for row in rows} == {f"blue{i}" for i in range(6)}
    compared = [row[-1] for row in rows]
    assert compared == sorted(compared)  # those that are too few stand last
    assert set(compared) == {"", "too few to compare"}


def figure(name, n, mean, sd=10.0):
    return ScoreFigure((name,), False, n, 5, mean, sd, 0, 0, 0, None, 0, None)


@pytest.mark.parametrize(
    ("sort", "names"),
    [("name", "abcd"), ("mean", "dbac"), ("sd", "bdac")],
)
def test_order_by_score_leaves_the_few_out(sort, names):
    figures = [figure("c", 10, 99.0, 0.1), figure("a", 29, 98.0), figure("d", 30, 80.0),
               figure("b", 300, 70.0, 5.0)]  # fmt: skip
    scope = Scope("all", "team", sort, "", None, Filters(), Filters(), {})
    assert "".join(f.group[0] for f in ordered(figures, scope)) == names


def test_a_version_that_comes_back_is_no_second_cut():
    days = ["d1", "d2", "d3"]
    groups = [("d1", "s 1", "m 1"), ("d2", "s 1", "m 1"), ("d2", "s 1", "m 2"),
              ("d3", "s 1", "m 1"), ("d3", "s 1", "m 2")]  # fmt: skip
    cuts = find_cuts(groups, days)
    assert [(c.place, c.before, c.after) for c in cuts] == [(1, ("s 1", "m 1"), ("s 1", "m 2"))]


def test_what_moved_is_told_under_one_standard_only(app):
    html = Browser(app, "max").get("/figures/moved").text
    week = {row[0]: row for row in rows_of(html, "moved_week")}
    # Seven days of seven; of those before, the 15th was scored under the older standard.
    assert (week["Mean score"][2], week["Mean score"][4]) == ("42", "49")
    assert week["Mean score"][-1] == "no change beyond chance"
    # All of 42 and of 49: Newcombe's interval is wide where that of Wald would have no width.
    assert week["greeting: Met"][5:7] == ["±0.0", "−7.3 – +8.4"]
    day = {row[0]: row for row in rows_of(html, "moved_day")}
    assert day["Mean score"][-1] == "too few to compare"
    assert "scored with standard small 2.0" in html


def test_mystery_shops_stand_beside_the_rest(app):
    html = Browser(app, "max").get("/figures/customers?period=all").text
    assert [row[:2] for row in rows_of(html, "shops")] == [
        ["All others", "189"], ["Mystery shops", "27"],
    ]  # fmt: skip
    assert [row[0] for row in rows_of(html, "customers")] == ["20–40", "80–100"]
    assert "Correlation of score and satisfaction" in html


def test_tables_are_saved_with_values(app):
    browser = Browser(app, "max")
    answer = browser.get("/figures/groups/groups.csv?by=agent&period=all")
    assert answer.headers["content-disposition"] == 'attachment; filename="convqa-groups.csv"'
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Agent,Conversations,Agents,Mean score,Lower end,Upper end")
    assert len(lines) == 7
    workbook = load_workbook(
        io.BytesIO(browser.get("/figures/groups/groups.xlsx?by=agent&period=all").content)
    )
    sheet = workbook.active
    assert sheet["A2"].value == "blue0"
    assert sheet["B2"].value == int(lines[1].split(",")[1])
    assert browser.get("/figures/groups/other.csv").status_code == 404
    assert browser.get("/figures/groups/groups.pdf").status_code == 404


def test_formulas_are_saved_as_text():
    rows = [[Cell("x", "=HYPERLINK(1)"), Cell("")], [Cell("y", -1.5), Cell("")]]
    table = Table("t", "=1+1", [Column("a"), Column("drawn", saved=False)], rows)
    assert table.as_csv().decode("utf-8-sig").splitlines() == ["a", "'=HYPERLINK(1)", "-1.5"]
    sheet = load_workbook(io.BytesIO(table.as_xlsx())).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["A3"].value == -1.5


def test_a_foreign_team_is_in_no_figure(app):
    database = app.state.desk.database
    assert find_viewer(database, "max").teams == frozenset({"blue"})
    html = Browser(app, "max").get("/figures/groups?by=team&period=all").text
    assert "is not shown" not in html  # red is not there to be hidden
    assert not re.search(r"\bred\b", html)
    none = Browser(app, "max").get("/figures?team=red").text
    assert "No scored conversation with a date matches" in none


def test_only_groups_are_seen_in_aggregate_only_mode(tmp_path):
    with open_desk(tmp_path, talks=()) as app:
        database = app.state.desk.database
        load_figures(database, tmp_path)
        browser = Browser(app, "root")
        change_settings(database, find_viewer(database, "root"), DeskSettings(aggregate_only=True))
        for page in PAGES:
            answer = browser.get(f"/figures{page}?period=all&by=agent&agent=blue1")
            assert answer.status_code == (404 if page == "/best" else 200), page
            assert "blue1" not in answer.text, page
            assert not re.search(r'href="/(conversations|queue\?tab=all)', answer.text), page
        assert browser.get("/figures/best/best.csv").status_code == 404
        # Red can neither be chosen nor worked out: blue is everything but red.
        assert "nothing is shown" in browser.get("/figures?team=blue&period=all").text
        # What may be shown is everything: it has enough agents.
        html = browser.get("/figures/groups?period=all").text
        assert 'labelledby="t-groups"' not in html
        (whole,) = rows_of(html, "whole")
        assert whole[:3] == ["This selection", "193", "7"]
        assert "scored by 2 versions of standard and model" in html
        (whole,) = rows_of(browser.get("/figures?team=blue&period=all").text, "whole")[:1]
        assert whole[0] == "Everything in this period"


def test_a_new_model_cuts_the_trend(tmp_path, monkeypatch):
    with open_desk(tmp_path, talks=()) as app:
        database = app.state.desk.database
        load_run(database, write_run(tmp_path / "a", many("a", range(2, 5), 8)))
        monkeypatch.setattr(desk_runs, "MODEL", Version("model", "2", "1" * 64))
        load_run(database, write_run(tmp_path / "b", many("b", range(5, 8), 8), inputs="g"))
        html = Browser(app, "max").get("/figures?period=28").text
        assert "Model: model 1 → model 2" in html


def load_few(database, folder, talks):
    load_run(database, write_run(folder / "few", talks))


def test_few_conversations_are_counted_and_what_may_be_shown_is(tmp_path):
    with open_desk(tmp_path, talks=()) as app:
        load_few(app.state.desk.database, tmp_path, many("few", (2, 9, 16), 3, agents=5))
        browser = Browser(app, "max")
        html = browser.get("/figures").text  # three weeks of three
        assert "3 groups are not shown" in html
        assert "Together they have 9 conversations." in html
        assert "versions of standard" not in html
        assert rows_of(html, "whole")[0][:3] == ["This selection", "9", "3"]
        html = browser.get("/figures/criteria?language=da").text
        assert "No scored conversation with a date matches" in html
        narrow = browser.get("/figures/groups?by=team&channel=chat").text
        assert [row[0] for row in rows_of(narrow, "whole")] == [
            "This selection", "Everything in this period",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("is_aggregate", "told"),
    [
        (False, "This selection: 4 conversations with a score. Figures are shown from 5 on."),
        (True, "Everything, whenever: 4 conversations with a score, of 2 agents."),
    ],
)
def test_too_few_for_any_figure_are_counted(tmp_path, is_aggregate, told):
    with open_desk(tmp_path, talks=()) as app:
        database = app.state.desk.database
        load_few(database, tmp_path, many("few", (2, 9), 2, agents=2))
        wanted = DeskSettings(aggregate_only=is_aggregate)
        change_settings(database, find_viewer(database, "root"), wanted)
        assert told in Browser(app, "root").get("/figures?period=all").text
        of_team = Browser(app, "max").get("/figures?period=all").text
        assert ("4 conversations" in of_team) != is_aggregate


def test_a_member_of_a_round_is_told_what_the_figures_leave_out(tmp_path):
    with open_desk(tmp_path, talks=()) as app:
        database = app.state.desk.database
        load_few(database, tmp_path, many("few", (2, 9), 7, agents=6))
        manager = Browser(app, "max")
        sent = {"kind": "double", "name": "x", "member": ["max", "rita"], "ids": "few-2-0\nfew-2-1"}
        assert manager.post("/rounds", sent).status_code == 303
        html = manager.get("/figures/groups?period=all").text
        assert "2 conversations are left out of your figures" in html
        assert rows_of(html, "whole")[0][1] == "12"
        html = Browser(app, "root").get("/figures/groups?period=all").text
        assert "left out of your figures" not in html
        assert rows_of(html, "whole")[0][1] == "14"
