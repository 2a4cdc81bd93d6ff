"""A customer display on its serial line, whose lines can be asked (DEVICES.md 2.8)."""

from __future__ import annotations

from devices.drivers.display import DISPLAYS

_LAMPS = {0x30: "", 0x31: "price", 0x32: "total", 0x33: "received", 0x34: "change"}


class DisplayModel:
    """`upper` and `lower` are what stands there; an LED8 display has a number in `upper` and a `lamp`.

    `garbage` lists what a real display would have shown as rubbish.
    """

    def __init__(self, kind: str = "cd5220") -> None:
        self._profile = DISPLAYS[kind]
        self.garbage: list[str] = []
        self.power_cycle()

    def power_cycle(self) -> None:
        self.upper = self.lower = self.lamp = ""
        self.is_selected = not self._profile.before
        self._command = bytearray()

    def feed(self, data: bytes) -> bytes:
        for byte in data:
            self._take(byte)
        return b""

    def replies(self) -> bytes:
        return b""

    @property
    def lines(self) -> tuple[str, str]:
        return self.upper, self.lower

    def _take(self, byte: int) -> None:
        self._command.append(byte)
        command = bytes(self._command)
        if self._is_whole(command):
            self._command.clear()
            self._obey(command)

    @staticmethod
    def _is_whole(command: bytes) -> bool:
        if command[:1] != b"\x1b":
            return True
        match command[1:2]:
            case b"":
                return False
            case b"@":
                return True
            case b"Q":
                return command.endswith(b"\r") or len(command) > 64
            case _:
                return len(command) == 3

    def _obey(self, command: bytes) -> None:
        if command[:2] == b"\x1b=":
            self.is_selected = command[2] == 0x02
        elif not self.is_selected:
            pass  # for the printer in front of it
        elif command in (b"\x0c", b"\x1b@"):
            self.upper = self.lower = ""
            if command == b"\x1b@":
                self.lamp = ""
        elif command[:3] in (b"\x1bQA", b"\x1bQB"):
            self._show(command[2:3], command[3:-1])
        elif command[:2] == b"\x1bs" and command[2] in _LAMPS:
            self.lamp = _LAMPS[command[2]]
        else:
            self.garbage.append(command.hex(" "))

    def _show(self, line: bytes, data: bytes) -> None:
        number_only = self._profile.numbers_only
        fits = len(data.replace(b".", b"")) <= 8 if number_only else len(data) == self._profile.columns
        try:
            text = data.decode("gbk" if self._profile.chinese else "ascii")
        except UnicodeDecodeError:
            text, fits = "", False
        if not fits or not text.isprintable() or (number_only and line == b"B"):
            self.garbage.append(data.hex(" "))
        elif line == b"A":
            self.upper = text.rstrip()
        else:
            self.lower = text.rstrip()
