"""Build dist/memberdesk/, the program in one folder that runs without Python (make installer)."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from installer.bootstrap import CannotSetUp, apt_install, may_install_with_apt

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "dist" / "memberdesk"

# Libraries that survive `strip` and shrink by it; numpy's do not survive (page alignment), Qt's come stripped.
WORTH_STRIPPING = re.compile(r"sqlcipher3|sqlalchemy|cryptography|pydantic_core|yaml|markupsafe")


def missing_tools() -> dict[str, str]:
    """What PyInstaller needs on Linux and is not here → the Debian package that has it."""
    if sys.platform != "linux":
        return {}
    missing = {}
    if shutil.which("objdump") is None:
        missing["objdump"] = "binutils"
    library = sysconfig.get_config_var("INSTSONAME") or sysconfig.get_config_var("LDLIBRARY")
    folder = Path(sysconfig.get_config_var("LIBDIR") or "/")
    try:
        ctypes.CDLL(str(folder / library) if (folder / library).exists() else library)
    except OSError:
        missing[library] = f"libpython{sysconfig.get_python_version()}"
    return missing


def ensure_tools() -> None:
    """Raises CannotSetUp with the line to type."""
    missing = missing_tools()
    if not missing:
        return
    packages = tuple(missing.values())
    if may_install_with_apt():
        print(f"installer: installing {' '.join(packages)} with apt", flush=True)
        apt_install(packages)
        missing = missing_tools()
    if missing:
        raise CannotSetUp(
            f"{' and '.join(missing)} missing; building needs them. On Debian or Ubuntu type:\n"
            f"    sudo apt-get install -y {' '.join(packages)}\n"
            "A Python that was compiled by hand needs --enable-shared."
        )


def build() -> None:
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN",
         "--distpath", str(ROOT / "dist"), "--workpath", str(ROOT / "build" / "pyinstaller"),
         str(ROOT / "installer" / "memberdesk.spec")],
        cwd=ROOT, check=True,
    )  # fmt: skip


def strip_libraries() -> None:
    if sys.platform != "linux":
        return
    for library in BUILT.rglob("*.so*"):
        if WORTH_STRIPPING.search(library.relative_to(BUILT).as_posix()) and not library.is_symlink():
            subprocess.run(["strip", "--strip-unneeded", str(library)], check=False)


def main() -> int:
    started = time.monotonic()
    try:
        ensure_tools()
        build()
    except CannotSetUp as why:
        print(f"installer: {why}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as why:
        print(f"installer: PyInstaller stopped with code {why.returncode}; its words stand above", file=sys.stderr)
        return 1
    strip_libraries()
    megabytes = sum(path.stat().st_size for path in BUILT.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
    print(f"installer: {BUILT.relative_to(ROOT)}, {megabytes:.0f} MB, in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
