import os
import signal
import subprocess
import sys

SLEEP_IN_PROCESSES = """
import signal
from functools import partial
from time import sleep
from convqa.processes import in_processes
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    for _ in in_processes(iter([0, 60, 60]), partial(partial, sleep), workers=1):
        print("begun", flush=True)
"""


def test_ctrl_c_ends_the_workers_at_once_and_without_a_traceback_of_theirs(tmp_path):
    script = tmp_path / "sleep.py"
    script.write_text(SLEEP_IN_PROCESSES)
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout.readline() == "begun\n"
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=50)
    assert "SpawnProcess" not in said
    assert said.rstrip().endswith("KeyboardInterrupt")


THREADS_IN_PROCESSES = """
from threadpoolctl import threadpool_info
from convqa.processes import in_processes
def make():
    import numpy
    return lambda task: {p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"}
if __name__ == "__main__":
    print(*in_processes(iter([0]), make, workers=1))
"""


def test_a_worker_multiplies_in_one_thread(tmp_path):
    script = tmp_path / "threads.py"
    script.write_text(THREADS_IN_PROCESSES)
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    said = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert said == "{1}\n"
