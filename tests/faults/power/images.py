"""What a disk may hold after the power went: images of a store, built from the journal that journal.c wrote.

A disk keeps what was synced. Of what was written and not synced it may keep anything: nothing, all up to some moment,
or any part of it, cut at its sectors."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from uuid import UUID

SECTOR = 512
FILES = ("", "-wal", "-journal")  # after the store's name, by their number in the journal
_HEAD = struct.Struct("=cBQQ")


class Kept(Enum):
    """Of what was written and not yet synced."""

    NOTHING = "nothing"
    UP_TO_A_MOMENT = "up to a moment"
    ANY_SECTORS = "any sectors"


@dataclass(frozen=True)
class Record:
    """One line of the journal; see journal.c for its kinds."""

    kind: str
    file: int
    offset: int
    data: bytes = b""


@dataclass(frozen=True)
class Image:
    files: dict[str, bytes]  # by what follows the store's name
    promised: frozenset[UUID]  # operations that had been answered when the power went

    def lay(self, store: Path) -> None:
        for ending, data in self.files.items():
            store.with_name(store.name + ending).write_bytes(data)


class Journal:
    def __init__(self, before: dict[str, bytes], records: list[Record]) -> None:
        """`before`: the files as they stood, all synced, when the process started."""
        assert all(record.kind != "x" for record in records), "the store was changed in a way the journal cannot tell"
        self.records = records
        self._before = before
        self._kept_from = _durable_from(records)
        self._promises = list(_promises(records))

    @classmethod
    def read(cls, before: dict[str, bytes], file: Path) -> Journal:
        return cls(before, list(_records(file.read_bytes())))

    def image(self, at: int, kept: Kept, chance: random.Random) -> Image:
        """The disk, if the power goes after `at` records."""
        moment = chance.randint(0, at) if kept is Kept.UP_TO_A_MOMENT else 0
        files = {ending: bytearray(data) for ending, data in self._before.items()}
        for place, record in enumerate(self.records[:at]):
            if record.kind not in "wtu":
                continue
            sure = self._kept_from[place] <= at or place < moment
            if sure or (kept is Kept.ANY_SECTORS and chance.random() < 0.5):
                _change(files, record, None if sure else chance)
        return Image({ending: bytes(data) for ending, data in files.items()}, self._promised_by(at))

    def _promised_by(self, at: int) -> frozenset[UUID]:
        return frozenset(operation for place, operation in self._promises if place < at)


def _records(raw: bytes) -> Iterator[Record]:
    place = 0
    while place < len(raw):
        kind, file, offset, length = _HEAD.unpack_from(raw, place)
        place += _HEAD.size
        name = kind.decode()
        size = length if name in "wa" else 0
        yield Record(name, file, offset, raw[place : place + size])
        place += size


def _durable_from(records: list[Record]) -> list[int]:
    """For each record, how many records the disk must have seen to hold it for sure."""
    never = len(records) + 1
    durable = [never] * len(records)
    waiting: dict[int, list[int]] = {}
    gone: list[int] = []
    for place, record in enumerate(records):
        if record.kind in "wt":
            waiting.setdefault(record.file, []).append(place)
        elif record.kind == "u":
            gone.append(place)  # a name is gone for sure when the folder is synced
        elif record.kind == "s":
            for earlier in waiting.pop(record.file, []):
                durable[earlier] = place + 1
        elif record.kind == "d":
            for earlier in gone:
                durable[earlier] = place + 1
            gone.clear()
    return durable


def _change(files: dict[str, bytearray], record: Record, torn_by: random.Random | None) -> None:
    ending = FILES[record.file]
    if record.kind == "u":
        files.pop(ending, None)
        return
    data = files.setdefault(ending, bytearray())
    end = record.offset + len(record.data)
    if record.kind == "t":
        del data[record.offset :]
        end = record.offset
    if len(data) < end:
        data.extend(bytes(end - len(data)))  # what was never written reads as zeros
    start = record.offset
    while start < end and record.kind == "w":
        stop = min(end, start - start % SECTOR + SECTOR) if torn_by else end
        if torn_by is None or torn_by.random() < 0.7:
            data[start:stop] = record.data[start - record.offset : stop - record.offset]
        start = stop


def _promises(records: list[Record]) -> Iterator[tuple[int, UUID]]:
    """Where in the journal which operation was answered with "ok"."""
    rest = b""
    for place, record in enumerate(records):
        if record.kind != "a":
            continue
        *lines, rest = (rest + record.data).split(b"\n")
        for line in lines:
            answer = json.loads(line)
            if answer["result"] != "ok" or "rows" in answer["facts"]:
                continue
            for operation in answer["facts"].get("answers", [answer]):
                yield place, UUID(operation["id"])
