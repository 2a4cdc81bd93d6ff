"""Desks and hubs as processes of their own, to be killed. They are forked from one that has loaded everything, so that
the next one is there at once; what they run is what `memberdesk desk --headless` and `memberdesk hub` run."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.faults.sync.newer import become

ROOT = Path(__file__).resolve().parents[3]


class Starter:
    """`log` gets what the processes have to say on standard error. `within`: a command that runs a command somewhere
    else, as in another network."""

    def __init__(self, folder: Path, *, within: Sequence[str] = ()) -> None:
        self._address = folder / "starter"
        self.log = folder / "stderr"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*within, sys.executable, "-m", "tests.faults.sync.processes", str(self._address)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        for _ in range(1_200):
            if self._address.exists():
                return
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError("the starter does not start")

    def start(self, **wish: str) -> Running:
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(self._address))
        line.sendall(json.dumps(wish).encode() + b"\n")
        return Running(line)

    def close(self) -> None:
        self._process.communicate()


class Running:
    """One process; what it is asked and what it answers, a line each."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._file = line.makefile("rwb")
        self.pid = int(self._file.readline())
        self._process = psutil.Process(self.pid)  # and no other that gets its number when it is gone
        self.is_there = True

    def ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """None: it is gone, and nobody knows whether it has done it."""
        try:
            self._file.write(json.dumps(request).encode() + b"\n")
            self._file.flush()
            answer = self._file.readline()
        except (OSError, ValueError):
            answer = b""
        if not answer.endswith(b"\n"):
            self.is_there = False
            return None
        said: dict[str, Any] = json.loads(answer)
        return said

    def lives(self) -> bool:
        return bool(self._process.is_running())

    def limits(self, of: int, new: tuple[int, int] | None = None) -> tuple[int, int]:
        """(soft, hard) as of now; `new` ones are put first. Raises psutil.NoSuchProcess."""
        if new is not None:
            self._process.rlimit(of, new)
        now: tuple[int, int] = self._process.rlimit(of)
        return now

    def kill(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self._process.kill()
        self._gone()

    def end(self) -> None:
        """A desk, as its owner ends it: nothing more is asked."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        self._gone()

    def stop(self) -> None:
        """A hub, as systemd stops it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._process.terminate()
        self._gone()

    def _gone(self) -> None:
        for _ in range(1_200):
            if not self.lives():
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"process {self.pid} does not end")
        self.is_there = False

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
        self._line.close()


# -- in the starter --------------------------------------------------------------------------------------------------


def _serve(address: str) -> None:
    import db.following.images  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: the system clears them away
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address + ".tmp")
    listening.listen()
    Path(address + ".tmp").rename(address)
    while True:
        if select.select([listening, sys.stdin], [], [])[0] != [listening]:
            return  # whoever wanted all this has gone
        line, _ = listening.accept()
        wish = json.loads(line.makefile("rb").readline())
        if os.fork() == 0:
            listening.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _die_with_the_starter()
            os._exit(_ended(line, wish))
        line.close()


def _ended(line: socket.socket, wish: dict[str, str]) -> int:
    """What the command line makes of it: a refusal or a missing part of the world is a sentence; the rest is a bug."""
    from app.domain.errors import Refused, Unavailable

    try:
        _be(line, wish)
    except (Refused, Unavailable) as problem:
        sys.stderr.write(f"{wish['kind']} {wish.get('port') or wish.get('home')}: {problem.code}\n")
        return 2
    except BaseException:
        import traceback

        traceback.print_exc()
    return 1


def _die_with_the_starter() -> None:
    """However it ends: a test that is killed leaves no desk behind."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG; Linux only


def _be(line: socket.socket, wish: dict[str, str]) -> None:
    line.sendall(f"{os.getpid()}\n".encode())
    _clock_of(Path(wish["clock"]))
    if wish.get("versions"):
        become(Path(wish["newer"]), wish["versions"].split())
    if wish["kind"] == "hub":
        from app.composition.hub import Listening, run_hub

        here = Listening("127.0.0.1", int(wish["port"]), Path(wish["certificate"]), Path(wish["key"]))
        os._exit(run_hub(wish["database"], wish["mall"], here))
    from app.composition.headless import run_headless
    from app.settings import Home
    from app.sync import http

    if "patience_s" in wish:  # eight seconds are a long time in a test
        http.TOTAL_S = http.CONNECT_S = float(wish["patience_s"])
    os.dup2(line.fileno(), 0)
    os.dup2(line.fileno(), 1)
    line.close()
    code = run_headless(Home(Path(wish["home"])))
    sys.stdout.flush()
    os._exit(code)


def _clock_of(file: Path) -> None:
    """The machine's clock, set by whoever writes milliseconds into `file`. What nobody can set stays as it is."""
    from app.ports.clock import SystemClock

    true = SystemClock.wall_ms

    def wall_ms(self: SystemClock) -> int:
        return true(self) + int(file.read_text() or 0)

    SystemClock.wall_ms = wall_ms  # type: ignore[method-assign]


if __name__ == "__main__":
    _serve(sys.argv[1])
