"""`convqa users` and `convqa audit`, run as people run them."""

import os
import subprocess
import sys

from sqlalchemy import text

from convqa.store.database import open_database
from convqa.store.loading import load_run
from store.desk_runs import talk, write_run

PASSWORD = "correct horse battery"


def convqa(tmp_path, *command, typed=""):
    return subprocess.run(
        [sys.executable, "-m", "convqa", *command],
        input=typed, capture_output=True, text=True, check=False,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "COLUMNS": "120"},
    )  # fmt: skip


def test_accounts_are_made_listed_and_closed_without_configuration(tmp_path):
    added = convqa(tmp_path, "users", "add", "root", "--role", "admin", typed=f"{PASSWORD}\n")
    assert (added.returncode, added.stdout) == (0, "added root (admin)\n"), added.stderr
    agent = ("users", "add", "ada", "--role", "agent", "--agent-id", "a1", "--agent-id", "a2")
    assert convqa(tmp_path, *agent, typed=PASSWORD).returncode == 0
    listed = convqa(tmp_path, "users", "list").stdout
    assert "a1, a2" in listed
    assert PASSWORD not in listed
    assert convqa(tmp_path, "users", "password", "ada", typed="x" * 12).returncode == 0
    assert convqa(tmp_path, "users", "disable", "ada").returncode == 0
    assert convqa(tmp_path, "users", "enable", "ada").returncode == 0
    refused = convqa(tmp_path, "users", "disable", "root")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "the only open admin account" in refused.stderr


def test_teams_and_agents_that_no_loaded_run_has_are_taken_with_a_warning(tmp_path):
    file = tmp_path / "desk.db"
    typo = ("--role", "reviewer", "--team", "bleu", "--team", "blue", "--db", str(file))
    early = convqa(tmp_path, "users", "add", "early", *typo, typed=PASSWORD)
    assert (early.returncode, early.stderr) == (0, "")
    database = open_database(str(file))
    load_run(database, write_run(tmp_path / "run", [talk("c1"), talk("c2", team="red")]))
    database.close()
    late = convqa(tmp_path, "users", "add", "late", *typo, typed=PASSWORD)
    assert (late.returncode, late.stdout) == (0, "added late (reviewer)\n")
    assert late.stderr == "warning: no loaded run has team bleu; known: blue, red\n"
    agent = ("--role", "agent", "--agent-id", "a1", "--agent-id", "a22", "--db", str(file))
    ada = convqa(tmp_path, "users", "add", "ada", *agent, typed=PASSWORD)
    assert (ada.returncode, ada.stderr) == (0, "warning: no loaded run has agent id a22\n")


def test_mistakes_are_told_in_one_line(tmp_path):
    for command, typed, told in (
        (("users", "add", "a", "--role", "boss"), PASSWORD, "--role boss: use one of agent"),
        (("users", "add", "a", "--role", "admin"), "short", "5 characters"),
        (("users", "password", "nobody"), PASSWORD, "user 'nobody': there is none"),
        (("audit", "verify", "--db", "mysql://x/y"), "", "mysql is not supported"),
    ):
        done = convqa(tmp_path, *command, typed=typed)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert told in done.stderr


def test_a_database_that_is_only_read_must_be_there(tmp_path):
    file = tmp_path / "typo.db"
    for command in (("audit", "verify"), ("labels", str(tmp_path / "out")), ("users", "list")):
        done = convqa(tmp_path, *command, "--db", str(file))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "typo.db: there is no such database" in done.stderr
        assert not file.exists()


def test_a_broken_audit_log_is_exit_code_1(tmp_path):
    file = str(tmp_path / "desk.db")
    for name in ("root", "second"):
        command = ("users", "add", name, "--role", "admin", "--db", file)
        assert convqa(tmp_path, *command, typed=PASSWORD).returncode == 0
    whole = convqa(tmp_path, "audit", "verify", "--db", file)
    assert whole.returncode == 0
    assert whole.stdout.startswith("whole  2 entries, last hash ")
    head = whole.stdout.split()[-1]
    known = convqa(tmp_path, "audit", "verify", "--db", file, "--head", head.upper())
    assert known.returncode == 0
    database = open_database(file)
    with database.writing() as connection:
        connection.execute(text("DROP TRIGGER audit_log_loses_no_row"))
        connection.execute(text("DELETE FROM audit_log WHERE id = 2"))
    database.close()
    assert convqa(tmp_path, "audit", "verify", "--db", file).returncode == 0
    cut = convqa(tmp_path, "audit", "verify", "--db", file, "--head", head)
    assert (cut.returncode, cut.stdout[:27]) == (1, "fault  entries are missing:")
