"""`convqa review` from the command line."""

import os
import re
import socket
import subprocess
import sys
import urllib.request

import pytest
from desk_of_tests import TALKS

from store.desk_runs import PASSWORD, write_run


@pytest.fixture
def command(tmp_path):
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    environment.pop("CONVQA_DB", None)
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "convqa", *arguments], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def read_until(process, pattern):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if re.search(pattern, line):
            return "".join(lines)
    raise AssertionError(f"ended without {pattern}: {''.join(lines)}")


def test_review_loads_runs_and_serves(command, tmp_path):
    run = write_run(tmp_path / "run", list(TALKS))
    told = read_until(command("review", str(run), "--port", "0"), "http://")
    assert f"{run}: 7 conversations loaded" in told
    assert "Nobody can sign in yet: convqa users add NAME --role admin" in told
    address = re.search(r"http://127\.0\.0\.1:\d+/", told)[0]
    with urllib.request.urlopen(address) as answer:
        assert b"Sign in" in answer.read()
        assert answer.url == f"{address}sign-in"
        assert answer.headers.get("server") is None
    added = command("users", "add", "ada", "--role", "admin")
    assert added.communicate(f"{PASSWORD}\n")[0] == "added ada (admin)\n"
    again = read_until(command("review", str(run), "--port", "0"), "http://")
    assert "already loaded, 7 conversations" in again
    assert "Nobody can sign in" not in again


def test_a_port_in_use_is_told_in_one_line(command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = command("review", "--port", str(port))
        told = process.communicate("")[0]
        assert process.returncode == 2
    assert told.splitlines()[-1].startswith(f"convqa: 127.0.0.1:{port} cannot be used")


def test_other_addresses_come_with_a_warning(command):
    told = read_until(command("review", "--host", "0.0.0.0", "--port", "0"), "http://")
    assert "others can reach it: put a server with TLS in front" in told


def test_the_desk_needs_no_model():
    code = (
        "import sys, convqa.review.app, convqa.review.serving, convqa.store.loading\n"
        "heavy = {'onnxruntime', 'tokenizers', 'torch', 'spacy', 'simplemma', 'lingua', 'ray'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
