"""A PostgreSQL server for tests alone: a temporary cluster, reached by a socket in its folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

BINARIES = sorted(
    Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3])
)  # as Debian installs it

# PostgreSQL refuses to run as root; the Debian package makes this user.
_USER = "postgres"


@contextmanager
def running_cluster():
    """Start a cluster and yield the URL of a database of it, `{name}` to be put in."""
    binaries = BINARIES[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="convqa-postgres-"))
    as_user = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam(_USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def call(program, *arguments):
        subprocess.run(
            [binaries / program, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL,
            **as_user,
        )  # fmt: skip

    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    try:
        call("initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        call("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://{_USER}@/{{name}}?host={folder}"
        finally:
            call("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
