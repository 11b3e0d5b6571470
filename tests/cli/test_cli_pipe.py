import os
import subprocess
import sys
from pathlib import Path

import pytest

from convqa.cli.pipe import until_reader_leaves
from convqa.store.database import open_database

WRITE = """
from convqa.cli.pipe import until_reader_leaves
from convqa.errors import StoreError
try:
    with until_reader_leaves():
        print("x")
except StoreError as error:
    raise SystemExit(str(error))
"""


needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")


def run(*command, out, unbuffered):
    return subprocess.run(
        [sys.executable, "-m", "convqa", *command], stdout=out, stderr=subprocess.PIPE, text=True,
        check=False, env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip


@needs_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_no_command_takes_a_full_disk_for_a_fault_that_a_check_found(tmp_path, unbuffered):
    database = tmp_path / "desk.db"
    open_database(str(database)).close()
    with Path("/dev/full").open("wb") as full:
        result = run("audit", "verify", "--db", str(database), out=full, unbuffered=unbuffered)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("convqa: the standard output cannot be written")


def test_a_reader_who_left_is_no_fault_that_a_check_found(tmp_path):
    database = tmp_path / "desk.db"
    open_database(str(database)).close()
    reading, writing = os.pipe()
    os.close(reading)
    result = run("audit", "verify", "--db", str(database), out=writing, unbuffered="1")
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, "")


def test_an_error_of_another_file_is_not_blamed_on_the_standard_output():
    with pytest.raises(FileNotFoundError), until_reader_leaves():
        Path("nowhere/at/all").read_bytes()


@needs_full
def test_a_full_disk_behind_the_standard_output_is_told_in_one_line():
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-c", WRITE]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert os.strerror(28) in line
