import os
import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
from convqa.cli.pipe import until_reader_leaves
from convqa.errors import StoreError
try:
    with until_reader_leaves():
        print("x")
except StoreError as error:
    raise SystemExit(str(error))
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_the_standard_output_is_told_in_one_line():
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-c", WRITE]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert os.strerror(28) in line
