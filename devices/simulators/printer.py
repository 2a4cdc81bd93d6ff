"""An ESC/POS receipt printer without a port: bytes in, paper and status bytes out (DEVICES.md 1).

It is a strict judge of what it is sent: whatever a real printer would answer with garbage is listed in `errors`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PIL import Image

from devices.simulators.display import DisplayModel
from devices.simulators.escpos_tokens import Token, next_token
from devices.simulators.paper import (
    CELL_HEIGHT_DOTS,
    Cut,
    Feed,
    PaperItem,
    PrintedBarcode,
    PrintedLine,
    PrintedPicture,
    PrintedQr,
    Run,
    paper_image,
)

XON, XOFF = 0x11, 0x13
_FULL_AT_BYTES_LEFT = 128
_FREE_AT_BYTES_LEFT = 256

_LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}
_BARCODES = {
    65: "UPC-A",
    67: "EAN-13",
    68: "EAN-8",
    69: "CODE39",
    70: "ITF",
    71: "CODABAR",
    72: "CODE93",
    73: "CODE128",
}


class PrinterModel:
    """Feed it a stream; read `lines`, `codes`, `cuts`, `drawer_kicks`, `errors`, `image()`.

    `feed` returns what the printer sends back at once; `replies` drains what it sends when someone touches it.
    While it is offline (paper end, cover open, error) it keeps what it gets in its receive buffer and prints it once
    the cause is gone, as real ones do; bytes beyond the buffer are lost and listed as an error.
    """

    def __init__(
        self,
        *,
        dots: int = 576,
        buffer_bytes: int = 4096,
        native_qr: bool = True,
        knows_gs_h: bool = True,
        knows_gs_r: bool = True,
        knows_asb: bool = True,
        xonxoff: bool = False,
        kanji_at_power_on: bool = False,
        model_name: str = "MD-80",
        behind: DisplayModel | None = None,
    ) -> None:
        self.dots = dots
        self.buffer_bytes = buffer_bytes
        self.native_qr = native_qr
        self.knows_gs_h = knows_gs_h
        self.knows_gs_r = knows_gs_r
        self.knows_asb = knows_asb
        self.xonxoff = xonxoff
        self.kanji_at_power_on = kanji_at_power_on
        self.model_name = model_name
        self.behind = behind  # a customer display that gets what is between ESC = 2 and ESC = 1

        self.paper: list[PaperItem] = []
        self.drawer_kicks: list[int] = []
        self.received = bytearray()
        self.mute = False
        self.paper_left_dots: int | None = None
        self.jams_at_next_cut = False

        self._errors: list[str] = []
        self._paper_state = "ok"
        self._cover_open = False
        self._cutter_error = False
        self._cutter_cleared = False
        self._unrecoverable = False
        self._xoff_sent = False
        self._replies = bytearray()
        self._queue: deque[Token] = deque()
        self._queued_bytes = 0
        self._unread = bytearray()
        self._asb_mask = 0
        self._reset()
        self._power_on()

    # What came out

    @property
    def lines(self) -> list[str]:
        """The text of each printed line, without padding; empty lines included."""
        return [item.text.rstrip() for item in self.paper if isinstance(item, PrintedLine)]

    @property
    def codes(self) -> list[str]:
        """Contents of native QR codes, in order."""
        return [item.content for item in self.paper if isinstance(item, PrintedQr)]

    @property
    def barcodes(self) -> list[tuple[str, str]]:
        return [(item.kind, item.content) for item in self.paper if isinstance(item, PrintedBarcode)]

    @property
    def pictures(self) -> list[PrintedPicture]:
        return [item for item in self.paper if isinstance(item, PrintedPicture)]

    @property
    def cuts(self) -> int:
        return sum(isinstance(item, Cut) for item in self.paper)

    @property
    def errors(self) -> list[str]:
        """What is not a correct stream, an unfinished command or line at the end included."""
        unfinished = [f"unfinished command {bytes(self._unread[:8]).hex(' ')}"] if self._unread else []
        return self._errors + unfinished

    @property
    def unprinted(self) -> str:
        """Characters of the line that no line feed has ended yet."""
        return "".join(run.text for run in self._runs)

    @property
    def wrong_commands(self) -> list[str]:
        """`errors` without what may merely not have arrived yet."""
        return list(self._errors)

    def text(self, since_item: int = 0, until_item: int | None = None) -> str:
        """The slip as it stands on paper, padded by alignment to the printer's columns."""
        width = self.dots // 12
        shown = []
        for item in self.paper[since_item:until_item]:
            if isinstance(item, PrintedLine):
                used = sum(run.dots for run in item.runs) // 12
                shown.append((" " * (0, (width - used) // 2, width - used)[item.align] + item.text).rstrip())
            elif isinstance(item, PrintedQr):
                shown.append(f"[QR {item.content}]")
            elif isinstance(item, PrintedBarcode):
                shown.append(f"[{item.kind} {item.content}]")
            elif isinstance(item, PrintedPicture):
                shown.append(f"[picture {item.width_bytes * 8}x{item.height_dots}]")
            elif isinstance(item, Cut):
                shown.append("-" * width)
        return "\n".join(shown)

    def forget_paper(self) -> None:
        """The strip was torn off: what came out, and the bytes that it came of, are not kept any longer."""
        self.paper.clear()
        self.received.clear()
        self._errors.clear()
        self.drawer_kicks.clear()

    def image(self, since_item: int = 0) -> Image.Image:
        """The paper as a picture, one pixel per dot; `since_item` skips what was printed before."""
        return paper_image(self.paper[since_item:], self.dots)

    # What it hears

    @property
    def free_bytes(self) -> int:
        """Room in the receive buffer. A picture is taken in as it comes, unless the printer is held up."""
        unread = len(self._unread) if self._queue or self.offline else 0
        return self.buffer_bytes - self._queued_bytes - unread

    def feed(self, data: bytes) -> bytes:
        self.received += data
        for byte in data:
            if self.behind is not None and self.behind.is_selected:
                self.behind.feed(bytes((byte,)))
                continue
            if self.free_bytes <= 0:
                self._error("receive buffer overrun, bytes lost")
                if self._unread or byte != 0x10:
                    continue
            self._unread.append(byte)
            self._lex()
            if self._queue and not self.offline:  # at once: what waits takes room from what comes
                self._work()
        self._work()
        return self.replies()

    def replies(self) -> bytes:
        """What the printer has to say since last asked."""
        said = bytes(self._replies)
        self._replies.clear()
        return b"" if self.mute else said

    # What people do to it

    @property
    def paper_state(self) -> str:
        return self._paper_state

    @property
    def cover_open(self) -> bool:
        return self._cover_open

    @property
    def offline(self) -> bool:
        return self._cover_open or self._paper_state == "out" or self._cutter_error or self._unrecoverable

    @property
    def automatic_status(self) -> bytes:
        """The four bytes that say how it is (ASB)."""
        return self._asb()

    def set_paper(self, state: str) -> None:
        """`"ok"`, `"near_end"` or `"out"`."""
        if state not in ("ok", "near_end", "out"):
            raise ValueError(state)
        if state == "ok":
            self.paper_left_dots = None
        self._change(lambda: setattr(self, "_paper_state", state))

    def set_cover(self, open_: bool) -> None:
        self._change(lambda: setattr(self, "_cover_open", open_))

    def set_cutter_jammed(self, jammed: bool) -> None:
        """A jam stops the printer at once; clearing it needs DLE ENQ from the host to go on."""

        def change() -> None:
            self._cutter_error = self._cutter_error or jammed
            self._cutter_cleared = not jammed

        self._change(change)

    def set_unrecoverable(self, broken: bool) -> None:
        self._change(lambda: setattr(self, "_unrecoverable", broken))

    def power_cycle(self) -> None:
        """Off and on: the buffer and all modes are lost; what is on paper stays."""
        self._queue.clear()
        self._queued_bytes = 0
        self._unread.clear()
        self._cutter_error = False
        self._asb_mask = 0
        self._reset()
        self._power_on()

    # How it works inside

    def _power_on(self) -> None:
        self._kanji_lexed = self.kanji_at_power_on
        self._xoff_sent = False
        if self.xonxoff:
            self._replies.append(XON)

    def _reset(self) -> None:
        """ESC @: modes and the print buffer, not the receive buffer, and no longer any automatic status."""
        self._runs: list[Run] = []
        self._align = 0
        self._wide = self._high = 1
        self._bold = self._underlined = False
        self._line_dots = 30
        self._qr_module = 3
        self._qr_level = "l"
        self._qr_data = ""
        self._barcode_height = 162
        self._asb_mask = 0

    def _change(self, change: Callable[[], None]) -> None:
        before = self._asb()
        change()
        self._work()
        if self._asb() != before:
            self._send_asb()
        self._flow()

    def _error(self, what: str) -> None:
        if not self._errors or self._errors[-1] != what:
            self._errors.append(what)

    def _lex(self) -> None:
        """Cut what was received into commands; real-time ones act at once, also while the printer holds."""
        while (token := next_token(self._unread, self._kanji_lexed)) is not None:
            del self._unread[: len(token.data)]
            if token.name == "ESC @":
                self._kanji_lexed = self.kanji_at_power_on
            elif token.name in ("FS &", "FS ."):
                self._kanji_lexed = token.name == "FS &"
            if token.name == "DLE EOT":
                self._real_time_status(token.body[0])
            elif token.name == "DLE ENQ":
                self._enquire(token.body[0])
            elif token.name == "DLE DC4":
                self._pulse_now(token.body)
            elif token.name == "ESC =" and self.behind is not None:
                self.behind.feed(token.data)
            else:
                self._queue.append(token)
                self._queued_bytes += len(token.data)

    def _work(self) -> None:
        while self._queue and not self.offline:
            token = self._queue[0]
            self._execute(token)
            if token.name in _CUTS and self._cutter_error:
                break  # the cutter jammed on this very command: it stays in the buffer
            self._queued_bytes -= len(token.data)
            self._queue.popleft()
        self._flow()

    def _flow(self) -> None:
        if not self.xonxoff:
            return
        must_wait = self.offline or self.free_bytes <= _FULL_AT_BYTES_LEFT
        may_send = not self.offline and self.free_bytes >= min(_FREE_AT_BYTES_LEFT, self.buffer_bytes)
        if must_wait and not self._xoff_sent:
            self._xoff_sent = True
            self._replies.append(XOFF)
        elif may_send and self._xoff_sent:
            self._xoff_sent = False
            self._replies.append(XON)

    def _asb(self) -> bytes:
        paper = {"ok": 0x00, "near_end": 0x03, "out": 0x0F}[self._paper_state]
        first = 0x10 | (0x08 if self.offline else 0) | (0x20 if self._cover_open else 0)
        second = (0x08 if self._cutter_error else 0) | (0x20 if self._unrecoverable else 0)
        return bytes((first, second, paper, 0x00))

    def _send_asb(self) -> None:
        if self._asb_mask and self.knows_asb:
            self._replies += self._asb()

    def _real_time_status(self, n: int) -> None:
        status = 0x12
        error = self._cutter_error or self._unrecoverable
        if n == 1:
            status |= 0x08 if self.offline else 0
        elif n == 2:
            status |= (0x04 if self._cover_open else 0) | (0x20 if self._paper_state == "out" else 0)
            status |= 0x40 if error else 0
        elif n == 3:
            status |= (0x08 if self._cutter_error else 0) | (0x20 if self._unrecoverable else 0)
        elif n == 4:
            status |= {"ok": 0x00, "near_end": 0x0C, "out": 0x6C}[self._paper_state]
        else:
            self._error(f"DLE EOT {n}")
            return
        self._replies.append(status)

    def _enquire(self, n: int) -> None:
        if n not in (1, 2):
            self._error(f"DLE ENQ {n}")
        elif self._cutter_error and self._cutter_cleared:

            def recover() -> None:
                self._cutter_error = False
                if n == 2:
                    self._queue.clear()
                    self._queued_bytes = 0
                    self._runs = []

            self._change(recover)

    def _pulse_now(self, body: bytes) -> None:
        if body[0] == 1:
            self.drawer_kicks.append(body[1])
        elif body == bytes.fromhex("08 01 03 14 01 06 02"):
            self._queue.clear()
            self._queued_bytes = 0
            self._runs = []
        elif body[0] != 8:
            self._error(f"DLE DC4 {body.hex(' ')}")

    def _execute(self, token: Token) -> None:
        name, body = token.name, token.body
        if name == "text":
            self._character(token.data)
        elif name == "LF":
            self._end_line()
        elif name in ("CR", "NUL"):
            pass
        elif name in _PLAIN_COMMANDS:
            _PLAIN_COMMANDS[name](self, body)
        elif name == "ESC d":
            self._end_line_if_any()
            self._feed(body[0] * self._line_dots)
        elif name == "ESC J":
            self._end_line_if_any()
            self._feed(body[0])
        elif name == "GS v 0":
            self._raster(body)
        elif name == "GS ( k":
            self._qr(body[2:])
        elif name == "GS k":
            self._barcode(body)
        elif name == "GS V":
            self._cut(body)
        elif name in ("ESC i", "ESC m"):
            self._cut(b"\x00")
        elif name == "ESC p":
            self._pulse(body)
        elif name == "GS r":
            self._queued_status(body[0])
        elif name == "GS I":
            self._identify(body[0])
        elif name == "GS ( H":
            self._process_id(body[2:])
        elif name not in _WITHOUT_EFFECT:
            self._error(f"{name}: {token.data[:8].hex(' ')}")

    def _character(self, data: bytes) -> None:
        text = data.decode("gb18030", "replace")
        if len(data) == 2:
            try:
                text.encode("gbk")
            except UnicodeEncodeError:
                self._error(f"outside GBK: {data.hex(' ')}")
        run = Run(text, self._wide, self._high, self._bold, self._underlined)
        if sum(each.dots for each in self._runs) + run.dots > self.dots:
            self._end_line()
        last = self._runs[-1] if self._runs else None
        if last is not None and (last.wide, last.high, last.bold, last.underlined) == (
            run.wide,
            run.high,
            run.bold,
            run.underlined,
        ):
            self._runs[-1] = Run(last.text + text, run.wide, run.high, run.bold, run.underlined)
        else:
            self._runs.append(run)

    def _end_line(self) -> None:
        tallest = max((run.high for run in self._runs), default=1) * CELL_HEIGHT_DOTS
        self._emit(PrintedLine(tuple(self._runs), self._align, max(self._line_dots, tallest)))
        self._runs = []

    def _end_line_if_any(self) -> None:
        if self._runs:
            self._end_line()

    def _feed(self, dots: int) -> None:
        if dots:
            self._emit(Feed(dots))

    def _emit(self, item: PaperItem) -> None:
        self.paper.append(item)
        if self.paper_left_dots is not None:
            self.paper_left_dots -= item.height_dots
            if self.paper_left_dots <= 0 and self._paper_state != "out":
                self._paper_state = "out"
                self._send_asb()

    def _raster(self, body: bytes) -> None:
        mode, width_bytes = body[0], body[1] + 256 * body[2]
        rows = body[5:]
        if mode not in (0, 1, 2, 3, 48, 49, 50, 51):
            self._error(f"GS v 0 mode {mode}")
        if width_bytes * 8 > self.dots:
            self._error(f"GS v 0: {width_bytes * 8} dots on {self.dots} dot paper")
        if width_bytes == 0 or not rows:
            self._error("GS v 0 without a picture")
        if any(pair in rows for pair in (b"\x10\x04", b"\x10\x05", b"\x10\x14")):
            self._error("real-time command inside a picture")
        if self._runs:
            self._error("GS v 0 inside a line")
        self._emit(PrintedPicture(width_bytes, rows, self._align))

    def _qr(self, body: bytes) -> None:
        if len(body) < 2 or body[0] != 0x31:
            self._error(f"GS ( k: {body[:4].hex(' ')}")
            return
        function, values = body[1], body[2:]
        if not self.native_qr:
            self._error("QR command on a printer without it")
        elif function == 0x41 and len(values) == 2:
            if values[0] not in (0x31, 0x32):
                self._error(f"QR model {values[0]:02X}")
        elif function == 0x43 and len(values) == 1 and 1 <= values[0] <= 16:
            self._qr_module = values[0]
        elif function == 0x45 and len(values) == 1 and values[0] in _LEVELS:
            self._qr_level = _LEVELS[values[0]]
        elif function == 0x50 and len(values) >= 2 and values[0] == 0x30:
            self._qr_data = values[1:].decode("utf-8", "replace")
        elif function == 0x51 and values == b"\x30":
            self._print_qr()
        else:
            self._error(f"QR function {body[:4].hex(' ')}")

    def _print_qr(self) -> None:
        if self._runs:
            self._error("QR inside a line")
        if not self._qr_data:
            self._error("QR printed without data")
            return
        code = PrintedQr(self._qr_data, self._qr_module, self._qr_level, self._align)
        if code.height_dots > self.dots:
            self._error("QR wider than the paper")
        self._emit(code)

    def _barcode(self, body: bytes) -> None:
        kind, data = body[0], body[2:] if body[0] >= 65 else body[1:-1]
        if kind < 65:
            kind += 65
        if kind not in _BARCODES:
            self._error(f"GS k {kind}")
            return
        content = data.decode("ascii", "replace")
        if kind == 73 and not content.startswith(("{A", "{B", "{C")):
            self._error("CODE128 without a code set")
        if kind == 67 and not (content.isdigit() and len(content) in (12, 13)):
            self._error("EAN-13 needs 12 or 13 digits")
        if self._runs:
            self._error("barcode inside a line")
        shown = content[2:] if kind == 73 else content
        self._emit(PrintedBarcode(_BARCODES[kind], shown, self._barcode_height + 28, self._align))

    def _cut(self, body: bytes) -> None:
        if body[0] not in (0, 1, 48, 49, 65, 66):
            self._error(f"GS V {body[0]}")
        if self._runs:
            self._error("cut inside a line")
        if self.jams_at_next_cut:
            self.jams_at_next_cut = False
            self._cutter_error, self._cutter_cleared = True, False
            self._send_asb()
            return
        self._emit(Cut(partial=body[0] != 0))

    def _pulse(self, body: bytes) -> None:
        if body[0] not in (0, 1, 48, 49):
            self._error(f"ESC p {body[0]}")
        else:
            self.drawer_kicks.append(body[0] & 1)

    def _queued_status(self, n: int) -> None:
        if not self.knows_gs_r:
            return
        if n in (1, 49):
            self._replies.append({"ok": 0x00, "near_end": 0x03, "out": 0x0F}[self._paper_state])
        elif n in (2, 50):
            self._replies.append(0x00)
        else:
            self._error(f"GS r {n}")

    def _identify(self, n: int) -> None:
        texts = {65: "1.00", 66: "MEMBERDESK", 67: self.model_name, 69: "CHINA GB18030"}
        if n in texts:
            self._replies += b"\x5f" + texts[n].encode("ascii") + b"\x00"
        elif n in (1, 2, 3, 49, 50, 51):
            self._replies.append(0x02)
        else:
            self._error(f"GS I {n}")

    def _process_id(self, body: bytes) -> None:
        if not self.knows_gs_h:
            return
        if len(body) != 6 or body[:2] != b"\x30\x30" or not all(0x20 <= byte <= 0x7E for byte in body[2:]):
            self._error(f"GS ( H: {body.hex(' ')}")
        else:
            self._replies += b"\x37\x22" + body[2:] + b"\x00"

    # Modes

    def _initialise(self, _: bytes) -> None:
        self._reset()

    def _set_size(self, body: bytes) -> None:
        wide, high = (body[0] >> 4 & 7) + 1, (body[0] & 7) + 1
        if body[0] & 0x88:
            self._error(f"GS ! {body[0]:02X}")
        self._wide, self._high = wide, high

    def _set_mode(self, body: bytes) -> None:
        self._bold = bool(body[0] & 0x08)
        self._high = 2 if body[0] & 0x10 else 1
        self._wide = 2 if body[0] & 0x20 else 1
        self._underlined = bool(body[0] & 0x80)

    def _set_hanzi_mode(self, body: bytes) -> None:
        """FS ! names the size of Hanzi again: on this printer GS ! already did, so both must agree."""
        wide, high = (2 if body[0] & 4 else 1), (2 if body[0] & 8 else 1)
        if (wide, high) != (min(self._wide, 2), min(self._high, 2)):
            self._error(f"FS ! {body[0]:02X} does not agree with GS !")

    def _set_align(self, body: bytes) -> None:
        if self._runs:
            self._error("ESC a inside a line")
        if body[0] & ~0x30 not in (0, 1, 2) or body[0] not in (0, 1, 2, 48, 49, 50):
            self._error(f"ESC a {body[0]}")
            return
        self._align = body[0] & 3

    def _set_bold(self, body: bytes) -> None:
        self._bold = bool(body[0] & 1)

    def _set_underlined(self, body: bytes) -> None:
        if body[0] not in (0, 1, 2, 48, 49, 50):
            self._error(f"underline {body[0]}")
        self._underlined = bool(body[0] & 3)

    def _set_line_spacing(self, body: bytes) -> None:
        self._line_dots = body[0] if body else 30

    def _set_barcode_height(self, body: bytes) -> None:
        self._barcode_height = body[0]

    def _set_asb(self, body: bytes) -> None:
        self._asb_mask = body[0]
        self._send_asb()


_PLAIN_COMMANDS: dict[str, Callable[[PrinterModel, bytes], None]] = {
    "ESC @": PrinterModel._initialise,
    "ESC !": PrinterModel._set_mode,
    "GS !": PrinterModel._set_size,
    "FS !": PrinterModel._set_hanzi_mode,
    "ESC a": PrinterModel._set_align,
    "ESC E": PrinterModel._set_bold,
    "ESC G": PrinterModel._set_bold,
    "ESC -": PrinterModel._set_underlined,
    "FS -": PrinterModel._set_underlined,
    "ESC 2": PrinterModel._set_line_spacing,
    "ESC 3": PrinterModel._set_line_spacing,
    "GS h": PrinterModel._set_barcode_height,
    "GS a": PrinterModel._set_asb,
}

_CUTS = frozenset(("GS V", "ESC i", "ESC m"))

# Accepted, and nothing on the paper that a slip of ours would show differently.
_IGNORED_CODES = (("FS", "&.SW"), ("GS", "wHfLWPBb"), ("ESC", " M{Rt=\\$DV"))
_WITHOUT_EFFECT = frozenset(f"{prefix} {code}" for prefix, codes in _IGNORED_CODES for code in codes) | {"HT"}
