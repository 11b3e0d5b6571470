import re
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from convqa.errors import StoreError
from convqa.store.database import Database, connect, database_url, migrate, open_database
from convqa.store.tables import metadata


def tables_of(database):
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_migrating_an_empty_database_gives_the_tables_of_the_code(empty_url):
    database = open_database(empty_url)
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                # What SQLite keeps for its search index is not a table of ours.
                "include_object": lambda _object, name, kind, *_: (
                    not (kind == "table" and name.startswith("search_texts"))
                    and not (kind == "index" and name == "ix_search_texts_folded")
                )
            },
        )
        assert compare_metadata(context, metadata) == []
    assert set(metadata.tables) <= tables_of(database)
    database.close()


def test_migrating_from_the_first_schema_keeps_what_is_there(empty_url):
    database = Database(connect(database_url(empty_url)))
    migrate(database, "0001")
    assert "facets" not in tables_of(database)
    with database.writing() as connection:
        connection.execute(text(
            "INSERT INTO standards (id, name, version, sha256, standard_json) "
            "VALUES (1, 's', '1', 'x', '{}')"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO runs (id, directory, plan_sha256, standard_id, model_name, model_version, "
            "model_sha256, n_conversations, loaded_at) "
            "VALUES (1, 'd', 'p', 1, 'm', '1', 'y', 1, '2026-11-01 00:00:00')"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO conversations (id, conversation_id, run_id, language, team, "
            "is_mystery_shop, metadata_json, n_turns, standard_id, model_name, model_version, "
            "model_sha256, status, is_flagged, flags, critical, coverage, final_status, "
            "final_flags, final_critical, state, n_reviews, n_stale, risk, first_loaded_at, "
            "result_at) VALUES (1, 'c1', 1, 'pl', 'blue', false, '{}', 2, 1, 'm', '1', 'y', "
            "'scored', false, '[]', '[]', 1, 'scored', '[]', '[]', 'machine', 0, 0, 0, "
            "'2026-11-01 00:00:00', '2026-11-01 00:00:00')"
        ))  # fmt: skip
    database.close()
    database = open_database(empty_url)
    with database.reading() as connection:
        assert connection.execute(text("SELECT conversation_id FROM conversations")).all() == [
            ("c1",)
        ]
        facets = connection.execute(text("SELECT team, name, value FROM facets ORDER BY name"))
        assert facets.all() == [("blue", "language", "pl"), ("blue", "team", "blue")]
    database.close()


def test_opening_again_changes_nothing(empty_url):
    for _ in range(2):
        database = open_database(empty_url)
        assert "facets" in tables_of(database)
        database.close()


def test_tables_of_a_newer_version_are_left_alone(database):
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer version of convqa \(schema 9999\)"):
        migrate(database)


def test_a_failed_transaction_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(text("INSERT INTO settings (name, value_json) VALUES ('a', '1')"))
        raise ZeroDivisionError
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM settings")).scalar() == 0


def test_what_the_database_refuses_is_told_without_values(database):
    wrong = text("INSERT INTO user_teams (user_id, team) VALUES (99, 'secret words')")
    with (
        pytest.raises(StoreError, match="the database refused") as caught,
        database.writing() as connection,
    ):
        connection.execute(wrong)
    assert "secret words" not in str(caught.value)


def test_the_sqlite_file_is_for_its_owner_only_and_in_wal_mode(tmp_path):
    path = tmp_path / "deep" / "review.db"
    database = open_database(str(path))
    with database.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    database.close()


def test_without_configuration_the_file_is_in_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("CONVQA_DB", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert database_url().database == str(tmp_path / "convqa" / "review.db")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert database_url().database == str(Path.home() / ".local/share/convqa/review.db")
    monkeypatch.setenv("CONVQA_DB", "postgresql://desk@db/convqa")
    assert database_url().drivername == "postgresql+psycopg"
    assert database_url("other.db").database == "other.db"


@pytest.mark.parametrize(
    ("url", "told"), [("mysql://a/b", "mysql is not supported"), ("://desk", "not a URL")]
)
def test_a_url_that_cannot_be_used_is_told(url, told):
    with pytest.raises(StoreError, match=re.escape(told)):
        database_url(url)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used as database"):
        open_database(str(tmp_path / "file" / "review.db"))
