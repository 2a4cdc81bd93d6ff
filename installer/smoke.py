"""Play the guided tour with the program that `make installer` built, away from its source.

The folder is copied elsewhere and started there with an empty environment and a home of its own. Passes when the
program ends with 0, `tour.json` says that every step went well, the pictures and slips are there, and (on Linux, from
what the process had mapped and open) nothing was read from the source tree. What it made is kept in build/smoke/.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "dist" / "memberdesk"
KEPT = ROOT / "build" / "smoke"
TIMEOUT_S = 900  # a loaded machine needs minutes to invent the mall; the tour itself takes seconds

SIGNATURES = {".png": b"\x89PNG\r\n\x1a\n", ".pdf": b"%PDF-"}


def bare_environment(home: Path) -> dict[str, str]:
    """No PYTHONPATH, no virtual environment, no settings of the person who builds."""
    names = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "LD_LIBRARY_PATH", "XKB_CONFIG_ROOT", "FONTCONFIG_PATH")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    homes = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP", "XDG_RUNTIME_DIR")
    return {**kept, **dict.fromkeys(homes, str(home)), "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}


def touched_by(pid: int) -> set[Path]:
    """Files below the source tree that a running Linux process has mapped or open; .setup holds system libraries."""
    seen: set[str] = set()
    with contextlib.suppress(OSError):  # it ended between two looks, or this is no Linux
        for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace").splitlines():
            seen.add(line[line.find("/") :] if "/" in line else "")
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                seen.add(str(descriptor.readlink()))
    inside = {Path(name) for name in seen if name.startswith(f"{ROOT}{os.sep}")}
    return {path for path in inside if not path.is_relative_to(ROOT / ".setup") and not path.is_relative_to(KEPT)}


def play(program: Path, home: Path, out: Path) -> tuple[int, str, set[Path]]:
    """The exit code, what was said, and what was read from the source tree."""
    touched: set[Path] = set()
    said = home / "said.txt"
    with said.open("wb") as output:
        running = subprocess.Popen(
            [str(program), "demo", "--tour", "--out", str(out)],
            cwd=home, env=bare_environment(home), stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        deadline = time.monotonic() + TIMEOUT_S
        try:
            while running.poll() is None and time.monotonic() < deadline:
                touched |= touched_by(running.pid)
                time.sleep(0.05)
        finally:  # also when somebody stops us
            running.kill()
            running.wait()
    return running.returncode, said.read_text(encoding="utf-8", errors="replace"), touched


def complaints(code: int, touched: set[Path], out: Path) -> list[str]:
    found = [] if code == 0 else [f"the program ended with {code}"]
    found += [f"read from the source tree: {path}" for path in sorted(touched)]
    try:
        steps = json.loads((out / "tour.json").read_text(encoding="utf-8"))["steps"]
    except (OSError, ValueError, KeyError, TypeError) as why:
        return [*found, f"no tour.json that can be read: {why}"]
    found += [] if steps else ["tour.json has no steps"]
    found += [f"step failed: {step.get('name')}" for step in steps if step.get("ok") is not True]
    for suffix, signature in SIGNATURES.items():
        files = sorted(out.rglob(f"*{suffix}"))
        found += [] if files else [f"no {suffix} file was made"]
        for path in files:
            with path.open("rb") as file:
                if file.read(len(signature)) != signature:
                    found.append(f"{path.relative_to(out)} is no {suffix} file")
    return found


def main() -> int:
    if not BUILT.is_dir():
        print("smoke: there is no dist/memberdesk; make installer builds it", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="memberdesk-smoke-") as scratch:
        elsewhere = Path(scratch) / "program"
        shutil.copytree(BUILT, elsewhere, symlinks=True)
        home = Path(scratch) / "home"
        home.mkdir(mode=0o700)
        out = home / "tour"
        started = time.monotonic()
        code, said, touched = play(elsewhere / ("memberdesk.exe" if os.name == "nt" else "memberdesk"), home, out)
        seconds = time.monotonic() - started
        found = complaints(code, touched, out)
        shutil.rmtree(KEPT, ignore_errors=True)
        if out.exists():
            shutil.copytree(out, KEPT)
    if found:
        print(said[-4000:], file=sys.stderr)
        print("\n".join(f"smoke: {complaint}" for complaint in found), file=sys.stderr)
        return 1
    print(f"smoke: the built program played the tour in {seconds:.0f} s; see {KEPT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
