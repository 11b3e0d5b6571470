"""What a machine may lack: tests that need it are skipped; in CI nothing may lack."""

import importlib.util
import itertools
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine

from convqa.store.database import database_url, open_database
from postgres_cluster import BINARIES, running_cluster

# A busy machine is no fault of the code.
settings.register_profile("convqa", deadline=None)
settings.load_profile("convqa")

ROOT = Path(__file__).parents[1]

MISSING = {
    need: remedy
    for need, is_there, remedy in (
        ("browser", Path("/usr/bin/chromium").exists(), "Chromium: apt-get install chromium"),
        ("ray", importlib.util.find_spec("ray") is not None, "Ray: pip install 'convqa[ray]'"),
        (
            "mlflow",
            importlib.util.find_spec("mlflow") is not None,
            "MLflow: pip install 'convqa[mlflow]'",
        ),
        ("torch", importlib.util.find_spec("torch") is not None, "torch: make training"),
        ("qemu", shutil.which("qemu-x86_64") is not None, "QEMU: apt-get install qemu-user"),
        ("postgres", bool(BINARIES), "PostgreSQL: apt-get install postgresql"),
        ("model", any((ROOT / "models").glob("*/*/manifest.json")), "a bundle in models/"),
    )
    if not is_there
}


def pytest_sessionstart():
    if os.environ.get("CI") and MISSING:
        pytest.exit(f"CI needs {'; '.join(MISSING.values())}", returncode=1)


def pytest_runtest_setup(item):
    for need, remedy in MISSING.items():
        if item.get_closest_marker(need) is not None:
            pytest.skip(f"needs {remedy}")


@pytest.fixture(scope="session")
def postgres():
    """A function that makes an empty database in a cluster of this session, and returns its URL."""
    with running_cluster() as url:
        server = create_engine(
            database_url(url.format(name="postgres")), isolation_level="AUTOCOMMIT"
        )
        names = (f"test_{number}" for number in itertools.count())

        def make(template="template0"):
            name = next(names)
            with server.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
            return url.format(name=name)

        yield make
        server.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres):
    """The name of a database with all tables, to be copied: migrating takes longer."""
    url = postgres()
    open_database(url).close()
    return database_url(url).database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    """The URL of a database without tables, of both kinds."""
    if request.param == "sqlite":
        return str(tmp_path / "review.db")
    return request.getfixturevalue("postgres")()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    """An open database with all tables and no rows, of both kinds."""
    if request.param == "sqlite":
        url = str(tmp_path / "review.db")
    else:
        template = request.getfixturevalue("migrated_postgres")
        url = request.getfixturevalue("postgres")(template)
    opened = open_database(url)
    yield opened
    opened.close()
