"""What one desk's program remembers between starts. No secret is ever in here."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.errors import Unavailable

HOME_VARIABLE = "MEMBERDESK_HOME"


class ReaderSettings(BaseModel):
    """A reader beside the first one."""

    model_config = ConfigDict(extra="forbid")

    name: str
    url: str
    driver: str = "line"
    baudrate: int = 0
    scan_prefix: str = ""
    scan_suffix: str = ""


class PrinterKind(BaseModel):
    """A kind of printer of the desk's own: as a shipped one (`devices.drivers.profiles`), but for `changes`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=40)
    based_on: str = "generic-80"
    changes: dict[str, bool | int | str] = {}


class ProbedPrinter(BaseModel):
    """What the printer at a port was found to prove; written by the program."""

    model_config = ConfigDict(extra="forbid")

    url: str
    profile: str
    completion: Literal["gs_h", "gs_r", "eot", "none"]
    answers: bool
    auto_status: bool


class DeskSettings(BaseModel):
    """`desk.json` in the program's home folder."""

    model_config = ConfigDict(extra="forbid")

    mall: str = "M01"
    desk: str = "D1"
    store: str = Field(description="SQLAlchemy URL; empty: the encrypted file in the home folder")
    keys: Literal["system", "file"] = "file"
    printer_url: str = ""
    printer_profile: str = "generic-80"
    printer_baudrate: int = 0  # 0: what the profile says
    printer_kinds: list[PrinterKind] = []
    probed_printers: list[ProbedPrinter] = []
    reader_url: str = ""
    reader_driver: str = "line"  # a name of devices.drivers.reader_kinds
    reader_baudrate: int = 0  # 0: what the driver says
    more_readers: list[ReaderSettings] = []
    keyboard_reader: bool = False  # a scanner or swipe reader that types like a keyboard
    keyboard_prefix: str = ""  # the key that it types before each reading ("F12", "~"); empty: told by its speed
    encoder_url: str = ""
    encoder_driver: str = "msr605"  # a name of devices.drivers.encoder_kinds
    encoder_baudrate: int = 0
    dispenser_url: str = ""
    dispenser_driver: str = "cd-720m"  # a name of devices.drivers.dispenser
    dispenser_baudrate: int = 0
    display_url: str = ""
    display_driver: str = "cd5220"  # a name of devices.drivers.display
    display_baudrate: int = 0
    switched_off: list[str] = []  # names of machines that are there and not to be used
    card_prefix: str = "9900"
    hub: str = ""  # URL of the mall's hub; empty: this desk decides for itself
    hub_ca: str = ""  # file with the certificate authority of the hub; empty: the machine's own
    hub_certificate: str = ""  # file with this desk's certificate and its key, for a hub that wants to see one


class Home:
    """The folder with everything of one desk: settings, store, keys, backups, logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings_file = folder / "desk.json"
        self.preferences_file = folder / "preferences.json"
        self.store_file = folder / "store.db"
        self.hub_certificate = folder / "hub-certificate.pem"  # that somebody has vouched for
        self.desk_certificate = folder / "desk-certificate.pem"  # and its key, for a hub that wants to see one
        self.wiped_file = folder / "wiped.json"  # the desk was reported lost, and destroyed what it held
        self.backups = folder / "backups"
        self.logs = folder / "logs"

    @classmethod
    def default(cls) -> Home:
        named = os.environ.get(HOME_VARIABLE)
        return cls(Path(named) if named else platformdirs.user_data_path("MemberDesk", appauthor=False))

    def is_set_up(self) -> bool:
        return self.settings_file.exists()

    def settings(self) -> DeskSettings:
        """Raises Unavailable("settings.missing" | "settings.unreadable") and says which line of the file is wrong."""
        try:
            return DeskSettings.model_validate_json(self.settings_file.read_bytes())
        except FileNotFoundError:
            raise Unavailable("settings.missing", file=str(self.settings_file)) from None
        except ValidationError as problem:
            first = problem.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "file"
            raise Unavailable("settings.unreadable", file=str(self.settings_file), field=where) from None

    def save(self, settings: DeskSettings) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self.settings_file, settings.model_dump_json(indent=2) + "\n")
        self.wiped_file.unlink(missing_ok=True)  # it is a desk again

    def store_url(self, settings: DeskSettings) -> str:
        return settings.store or f"sqlite:///{self.store_file}"


def home_of_store(store_url: str, desk: str) -> Home:
    """Where a desk lives that was only given a store: beside a SQLite file, else in a folder of its own."""
    scheme, _, rest = store_url.partition(":///")
    if scheme.startswith("sqlite") and rest:
        return Home(Path(rest).resolve().parent)
    # The password is no part of which store it is, and is not to be guessed from a folder's name.
    address = re.sub(r"//([^:@/]*):[^@]*@", r"//\1@", store_url)
    name = f"{desk or 'D1'}-{sha256(address.encode()).hexdigest()[:8]}"
    return Home(Home.default().folder / "desks" / name)


class FilePreferences:
    """Preferences in a small file. Read once; a change is written at once, whole or not at all."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            self._values = {str(key): str(value) for key, value in found.items()}
        except (OSError, ValueError, AttributeError):
            self._values = {}  # a preference is never worth a refusal to start

    def get(self, key: str, default: str = "") -> str:
        return self._values.get(key, default)

    def set(self, key: str, value: str) -> None:
        if self._values.get(key) == value:
            return
        self._values[key] = value
        with suppress(OSError):  # then it is kept for this run; a full disk is told where it matters
            write_whole(self._file, json.dumps(self._values, ensure_ascii=False, indent=2) + "\n")


def write_whole(file: Path, content: str | bytes, *, secret: bool = False) -> None:
    """Either the old text or the new stands there afterwards, never half of one. `secret`: for nobody else to read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(file.name + ".new")
    if secret:
        temporary.unlink(missing_ok=True)  # one that was left would keep its own mode
    mode = 0o600 if secret else 0o666  # less what the umask takes
    with open(temporary, "wb", opener=lambda path, flags: os.open(path, flags, mode)) as out:
        out.write(content.encode() if isinstance(content, str) else content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
