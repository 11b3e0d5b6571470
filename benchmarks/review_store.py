"""How long the pages of the review desk wait for the database.

Loads a run, copies its conversations by SQL until there are as many as asked for, each with its own
agent, day, score and case number, and measures the queries of the pages:

    python benchmarks/review_store.py demo/run --conversations 20000
    python benchmarks/review_store.py demo/run --conversations 200000 --db postgresql://…

The database must be empty; without `--db` it is a temporary SQLite file. Every query runs five
times; the median and the slowest are told, in milliseconds.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import delete, insert, literal, select, text

from convqa.store.browsing import (
    find_choices,
    find_conversations,
    find_neighbours,
    reading_list,
)
from convqa.store.database import Database, open_database
from convqa.store.figures import criterion_figures, score_figures
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.reading import read_conversation
from convqa.store.tables import conversations, facets, metadata
from convqa.store.viewers import Viewer

REPEATS = 5
ROOT = Viewer(0, "root", "Root", "admin", sees_all_teams=True)
LEAD = Viewer(1, "lead", "Lead", "manager", teams=frozenset({"team 3", "team 4"}))

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :copies)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1, :copies))",
}
# A copy keeps its text and outcomes; what pages sort and filter by is spread evenly.
_CHANGED = {
    "id": "c.id + n.i * :step",
    "conversation_id": "c.conversation_id || '-' || n.i",
    "agent_id": "'agent ' || (c.id * 31 + n.i * 17) % 400",
    "team": "'team ' || (c.id * 31 + n.i * 17) % 40",
    "risk": "c.risk * (1 - ((c.id * 7 + n.i * 13) % 1000) / 5000.0)",
}
_DAY = {
    "sqlite": "datetime('2026-01-01', '+' || ((c.id + n.i * 37) % 470000) || ' minutes')",
    "postgresql": "timestamptz '2026-01-01Z' + ((c.id + n.i * 37) % 470000) * interval '1 minute'",
}
_SCORE = {
    "sqlite": "min(100, c.final_score * 0.8 + (c.id * 7 + n.i * 13) % 20)",
    "postgresql": "least(100, c.final_score * 0.8 + (c.id * 7 + n.i * 13) % 20)",
}


def multiply(database: Database, copies: int) -> None:
    """Copy every conversation of the database, with all that hangs on it."""
    kind = database.engine.dialect.name
    changed = _CHANGED | {"started": _DAY[kind], "final_score": _SCORE[kind]}
    with database.writing() as connection:
        step = connection.execute(text("SELECT max(id) + 1 FROM conversations")).scalar_one()
        values = {"copies": copies, "step": step}
        for table in ("conversations", "criterion_results", "conversation_flags", "transcripts",
                      "results", "search_texts"):  # fmt: skip
            columns = [column.name for column in metadata.tables[table].columns]
            copied = [_copied(table, column, changed) for column in columns]
            statement = (
                f"INSERT INTO {table} ({', '.join(columns)}) {_NUMBERS[kind]} "  # noqa: S608
                f"SELECT {', '.join(copied)} FROM {table} c CROSS JOIN n"
            )
            wanted = {name: n for name, n in values.items() if f":{name}" in statement}
            connection.execute(text(statement), wanted)
        connection.execute(delete(facets))
        for name in ("team", "agent_id"):
            column = conversations.c[name]
            found = select(conversations.c.team, literal(name), column).distinct()
            names = ["team", "name", "value"]
            connection.execute(
                insert(facets).from_select(names, found.where(conversations.c.team.is_not(None)))
            )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if kind == "sqlite" else "VACUUM ANALYZE")


def _copied(table: str, column: str, changed: Mapping[str, str]) -> str:
    """Return the SQL for a column of a copy."""
    if table == "conversations" and column in changed:
        return changed[column]
    if column in ("conversation", "rowid"):
        return f"c.{column} + n.i * :step"
    if column == "folded":
        return "c.folded || '| case ' || (n.i * :step + c.rowid) || ' '"
    return f"c.{column}"


def measure(database: Database) -> None:
    """Run each query several times and print how long it took."""
    key = find_conversations(database, ROOT, Filters(is_flagged=True)).rows[0].key
    flagged = Filters(is_flagged=True)
    queries: dict[str, Callable[[], object]] = {
        "queue, first page": lambda: find_conversations(database, ROOT, flagged),
        "queue of two teams": lambda: find_conversations(database, LEAD, flagged),
        "all, newest": lambda: find_conversations(database, ROOT, Filters(), sort="newest"),
        "page 20": lambda: find_conversations(database, ROOT, flagged, number=20),
        "reading list": lambda: reading_list(database, ROOT),
        "choices of filters": lambda: find_choices(database, ROOT),
        "one conversation": lambda: read_conversation(database, ROOT, key),
        "neighbours": lambda: find_neighbours(database, ROOT, flagged, key),
        "criterion failed": lambda: find_conversations(
            database, ROOT, Filters(criterion="empathy", outcome="fail")
        ),
        "scores by team": lambda: score_figures(database, ROOT, Filters(), ("team",)),
        "scores by week": lambda: score_figures(database, ROOT, Filters(), ("week",)),
        "criteria": lambda: criterion_figures(database, ROOT, Filters()),
    }
    for name, words in {
        "search, one match": "case 77777", "search, no match": "xylophone",
        "search, common word": "the", "search, two words": "customer number",
        "search, part of a word": "egning", "search, phrase": '"how can i"',
        "search, short word": "og", "search, Polish": "dziekuje", "search, accents": "Dziękuję",
    }.items():  # fmt: skip
        queries[name] = lambda words=words: find_conversations(database, ROOT, Filters(text=words))
        queries[f"{name}, two teams"] = lambda words=words: find_conversations(
            database, LEAD, Filters(text=words)
        )
    for name, query in queries.items():
        times = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            query()
            times.append(1000 * (time.perf_counter() - began))
        sys.stdout.write(f"{name:34} {statistics.median(times):8.1f} {max(times):8.1f}\n")
        sys.stdout.flush()


def main() -> None:
    """Read the arguments, fill the database, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="a run directory to load and copy")
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--db", help="an empty database; else a temporary SQLite file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.db or str(Path(folder) / "review.db"))
        began = time.perf_counter()
        loaded = load_run(database, arguments.run)
        seconds = time.perf_counter() - began
        sys.stdout.write(f"loaded {loaded.n_conversations} in {seconds:.2f} s\n")
        multiply(database, -(-arguments.conversations // loaded.n_conversations) - 1)
        seconds = time.perf_counter() - began
        sys.stdout.write(f"copied to {arguments.conversations:,} in {seconds:.0f} s\n")
        measure(database)
        database.close()


if __name__ == "__main__":
    main()
