"""Set MemberDesk up in this folder: `.venv`, the locked libraries, the `memberdesk` command, Qt's libraries.

    python installer/bootstrap.py           to run the program
    python installer/bootstrap.py --test    to test, lint and build it as well

Standard library only, and started by whatever `python` the machine has: the file must still *parse* on Python 3.7
so that the person reads a sentence about the version instead of a syntax error. A second run finds its stamp and is
instant.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "memberdesk-setup.json"
PRIVATE_LIBRARIES = ROOT / ".setup" / "qt-libs"  # installer/in-venv puts them on LD_LIBRARY_PATH
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
VENV_PYTHON = BIN / ("python.exe" if WINDOWS else "python")

OLDEST, NEWEST = (3, 11), (3, 13)

# What PySide6-Essentials links against beyond a minimal Debian: the first six to draw at all, the rest for X11.
QT_PACKAGES = (
    "libegl1",
    "libgl1",
    "libglib2.0-0",
    "libdbus-1-3",
    "libfontconfig1",
    "libxkbcommon0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
    "libxkbcommon-x11-0",
)

# The same with everything they pull in, less Mesa: for a private folder, where apt resolves nothing for us.
PRIVATE_PACKAGES = (
    *QT_PACKAGES,
    "libglx0",
    "libglvnd0",
    "libx11-6",
    "libx11-data",
    "libx11-xcb1",
    "libxcb1",
    "libxau6",
    "libxdmcp6",
    "libbsd0",
    "libmd0",
    "libatomic1",
    "libfreetype6",
    "libpng16-16",
    "libbrotli1",
    "libexpat1",
    "fontconfig-config",
    "libpcre2-8-0",
    "libxcb-image0",
    "libxcb-randr0",
    "libxcb-render0",
    "libxcb-render-util0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-util1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "xkb-data",
)

# Named by those distributions' own package lists; only Debian's names above were tried on a bare machine.
OTHER_SYSTEMS = {
    "dnf": "sudo dnf install libglvnd-egl libglvnd-glx glib2 dbus-libs fontconfig libxkbcommon libxkbcommon-x11 "
    "libxcb xcb-util-cursor xcb-util-wm xcb-util-keysyms",
    "pacman": "sudo pacman -S --needed libglvnd glib2 dbus fontconfig libxkbcommon libxkbcommon-x11 libxcb "
    "xcb-util-cursor xcb-util-wm xcb-util-keysyms",
    "zypper": "sudo zypper install libEGL1 libGL1 libglib-2_0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 "
    "libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0",
}


class CannotSetUp(Exception):
    """Something the person has to put right; the text says what, and how."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def check_python(version: tuple[int, int], bits: int) -> None:
    """Raises CannotSetUp unless `version` is one the locks were made for, on a 64-bit build."""
    if not OLDEST <= version <= NEWEST:
        raise CannotSetUp(
            f"MemberDesk needs Python 3.11, 3.12 or 3.13; this is {version[0]}.{version[1]} ({sys.executable}). "
            "Install one of them and name it: make PYTHON=python3.12 demo, or python3.12 installer/bootstrap.py"
        )
    if bits != 64:
        raise CannotSetUp(f"MemberDesk needs a 64-bit Python; {sys.executable} has {bits} bits.")


def may_install_with_apt() -> bool:
    return not WINDOWS and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: tuple[str, ...]) -> None:
    """Debian and Ubuntu, as root. Raises CannotSetUp with apt's own words when it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    lists_present = any(Path("/var/lib/apt/lists").glob("*_Packages*"))
    attempt = None
    attempts = [False, True] if lists_present else [True]  # old lists name packages that are gone
    for update_first in attempts:
        if update_first:
            subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, check=False)
        attempt = subprocess.run(install, env=environment, capture_output=True, text=True, check=False)
        if attempt.returncode == 0:
            return
    assert attempt is not None
    raise CannotSetUp(f"apt-get could not install {' '.join(packages)}:\n{last_lines(attempt.stderr)}")


def last_lines(text: str) -> str:
    return textwrap.indent("\n".join(text.strip().splitlines()[-6:]), "    ")


# -- the virtual environment ------------------------------------------------------------------------------------------


def venv_version() -> tuple[int, int] | None:
    """The Python the environment was made by, or None if there is none that starts."""
    if not VENV_PYTHON.exists():
        return None
    question = "import sys, pip; print(*sys.version_info[:2])"
    answer = subprocess.run([str(VENV_PYTHON), "-c", question], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        return None
    major, minor = answer.stdout.split()
    return int(major), int(minor)


def ensure_venv_module() -> None:
    """Debian splits `venv` and `ensurepip` off its Python. Raises CannotSetUp with the line to type."""

    def is_there() -> bool:
        importlib.invalidate_caches()
        return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))

    if is_there():
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if may_install_with_apt():
        say(f"installing {package} with apt")
        apt_install((package,))
    if not is_there():
        raise CannotSetUp(
            f"this Python ({sys.executable}) cannot make virtual environments. On Debian or Ubuntu type:\n"
            f"    sudo apt-get install -y {package}"
        )


def make_venv() -> None:
    mine = (sys.version_info[0], sys.version_info[1])
    theirs = venv_version()
    if theirs == mine:
        return
    if theirs is not None:
        say(f".venv was made by Python {theirs[0]}.{theirs[1]}; making it anew with {mine[0]}.{mine[1]}")
    ensure_venv_module()
    say(f"making .venv with Python {platform.python_version()}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise CannotSetUp(f"could not make {VENV}:\n{last_lines(made.stdout + made.stderr)}")


def install_libraries(lock: Path) -> None:
    """Exactly what the lock names, each file checked against its hash, nothing built from source here."""
    say(f"installing the libraries of {lock.name} (once; a minute on a fast line)")
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    pip += ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    done = subprocess.run(pip, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        errors = "\n".join(line for line in done.stderr.splitlines() if line.lstrip().startswith("ERROR"))
        raise CannotSetUp(f"{why_pip_failed(done.stderr)} pip's own words:\n{last_lines(errors or done.stderr)}")


def why_pip_failed(words: str) -> str:
    """One sentence for the failures that a person can do something about."""
    if "DO NOT MATCH THE HASHES" in words:
        return "a downloaded library is not the one the lock names, so nothing was installed. Try another network."
    if "No space left" in words:
        return "the disk is full; MemberDesk needs about 700 MB."
    if any(sign in words for sign in ("NewConnectionError", "Name or service", "name resolution", "ConnectTimeout")):
        return "the package index could not be reached. Check the network (or pip's proxy settings) and run it again."
    if "No matching distribution" in words:
        return f"a library has no ready-made build for this system ({platform.platform()}); see README, systems."
    return "pip could not install the libraries."


def install_command() -> None:
    """Make `memberdesk` of this checkout runnable without asking an index for a build tool.

    One line in a `.pth` file and a launcher. Paths inside are relative: the .pth is read in the locale's encoding,
    which cannot hold every folder's name.
    """
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run([str(VENV_PYTHON), "-c", purelib], capture_output=True, text=True, check=True)
    site_packages = Path(asked.stdout.strip())
    (site_packages / "memberdesk.pth").write_text(os.path.relpath(ROOT, site_packages) + "\n", encoding="ascii")
    if WINDOWS:
        (BIN / "memberdesk.cmd").write_text('@"%~dp0python.exe" -P -m app %*\r\n', encoding="ascii", newline="")
        return
    launcher = BIN / "memberdesk"
    launcher.write_text(
        "#!/bin/sh\n"
        "# Written by installer/bootstrap.py. -P: an `app` in the folder this is started from is not ours.\n"
        'exec "$(dirname "$(readlink -f "$0")")/../../installer/in-venv" python -P -m app "$@"\n',
        encoding="ascii",
    )
    launcher.chmod(0o755)


# -- Qt's system libraries --------------------------------------------------------------------------------------------

# The X11 plugin is only loaded when a window opens, so importing says nothing about its libraries.
QT_QUESTION = """
import sys
try:
    from PySide6 import QtGui, QtWidgets
    if sys.platform == "linux":
        import ctypes, pathlib, PySide6
        ctypes.CDLL(str(pathlib.Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"))
except (ImportError, OSError) as missing:
    sys.exit(str(missing))
"""


def what_qt_misses() -> str:
    """The loader's sentence about the first library that is missing, or '' when Qt can open a window."""
    python = [str(VENV_PYTHON)] if WINDOWS else [str(ROOT / "installer" / "in-venv"), "python"]
    asked = subprocess.run([*python, "-c", QT_QUESTION], capture_output=True, text=True, check=False)
    return "" if asked.returncode == 0 else (asked.stderr.strip().splitlines() or ["it ended without a word"])[-1]


def ensure_qt_libraries() -> None:
    missing = what_qt_misses()
    if not missing:
        return
    if may_install_with_apt():
        say(f"Qt misses a system library ({missing}); installing {len(QT_PACKAGES)} packages with apt")
        apt_install(QT_PACKAGES)
    elif not WINDOWS and shutil.which("apt-get") and shutil.which("dpkg"):
        say(f"Qt misses a system library ({missing}); fetching it into {PRIVATE_LIBRARIES.relative_to(ROOT)}")
        fetch_private_libraries()
    missing = what_qt_misses()
    if missing:
        raise CannotSetUp(f"Qt cannot start: {missing}.\n{line_to_type()}")


def line_to_type() -> str:
    if WINDOWS:
        return "Install the Microsoft Visual C++ Redistributable (x64) and run this again."
    for tool, line in OTHER_SYSTEMS.items():
        if shutil.which(tool) and not shutil.which("apt-get"):
            return f"Type this line, then run it again:\n    {line}"
    line = f"sudo apt-get install -y {' '.join(QT_PACKAGES)}"
    return f"Type this line (or your system's like), then run it again:\n    {line}"


def fetch_private_libraries() -> None:
    """Download and unpack, as a plain user, the packages that dpkg does not know as installed."""
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n"], capture_output=True, text=True, check=False
    )
    installed = {line.split()[1] for line in listed.stdout.splitlines() if line.startswith("ii")}
    wanted = [name for name in PRIVATE_PACKAGES if not {name, name + "t64"} & installed]
    own_apt = PRIVATE_LIBRARIES.parent / "apt"
    for folder in (own_apt / "lists" / "partial", own_apt / "cache" / "archives" / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    own = [f"-oDir::State::lists={own_apt / 'lists'}", f"-oDir::Cache={own_apt / 'cache'}", "-oDebug::NoLocking=1"]

    failures: list[str] = []
    with tempfile.TemporaryDirectory(dir=own_apt) as scratch:
        downloads = Path(scratch)
        for options in ([], own):  # the system's lists first; ours when they are empty or too old
            if options:
                subprocess.run(["apt-get", "-qq", *options, "update"], capture_output=True, check=False)
            failures = [name for name in wanted if not download(name, options, downloads)]
            if not failures:
                break
        for archive in sorted(downloads.glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(archive), str(PRIVATE_LIBRARIES)], check=True)
    shutil.rmtree(own_apt, ignore_errors=True)
    if failures:
        say(f"apt does not offer {', '.join(failures)} here")


def download(name: str, options: list[str], into: Path) -> bool:
    """`name`, or what Debian 13 and Ubuntu 24.04 call it since their 64-bit time change."""
    for candidate in (name, name + "t64"):
        if list(into.glob(f"{candidate}_*.deb")):
            return True
        fetch = ["apt-get", "-qq", *options, "download", candidate]
        if subprocess.run(fetch, cwd=into, capture_output=True, check=False).returncode == 0:
            return True
    return False


# -- the stamp --------------------------------------------------------------------------------------------------------


def fingerprint(lock: Path) -> str:
    """Changes with the lock and with this file, so that a changed set-up runs again."""
    digest = hashlib.sha256(lock.read_bytes())
    digest.update(Path(__file__).read_bytes())
    digest.update(".".join(map(str, sys.version_info[:2])).encode())
    return digest.hexdigest()


def stamped() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def set_up(*, test: bool) -> None:
    run_lock, test_lock = ROOT / "requirements.lock", ROOT / "requirements-test.lock"
    lock = test_lock if test else run_lock
    stamp = stamped()
    if stamp.get(lock.name) == fingerprint(lock) and VENV_PYTHON.exists():
        return
    make_venv()
    STAMP.unlink(missing_ok=True)  # interrupted from here on, the next run starts again
    install_libraries(lock)
    install_command()
    ensure_qt_libraries()
    # The test lock holds the run lock's versions and more (tests/setup/test_locks.py), so it serves for both.
    done = {each.name: fingerprint(each) for each in ([run_lock, test_lock] if test else [run_lock])}
    STAMP.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    say("ready")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Set MemberDesk up in this folder.")
    parser.add_argument("--test", action="store_true", help="also what tests, lint and the installer need")
    chosen = parser.parse_args(arguments)
    try:
        check_python((sys.version_info[0], sys.version_info[1]), 64 if sys.maxsize > 2**32 else 32)
        set_up(test=chosen.test)
    except CannotSetUp as why:
        print(f"setup: {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: stopped; run it again to go on", file=sys.stderr)
        return 1
    except (OSError, subprocess.SubprocessError) as why:
        command = shlex.join(why.cmd) if isinstance(why, subprocess.CalledProcessError) else ""
        print(f"setup: could not go on: {why} {command}".rstrip(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
