"""Connect other machines to this desk: the whole list at once, as the administrator chose it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Annotated, Self

from annotated_types import Len, MaxLen

from app.domain.errors import Refused
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.devices import DeviceKind, Machine
from app.ports.storage import Work

MOST_MACHINES = 16
MOST_READERS = 8


@dataclass(frozen=True)
class MachinesChanged(Result):
    machines: int


@dataclass(frozen=True, kw_only=True)
class ChangeMachines(Operation):
    """`machines` replace those that the desk had. The desk's program writes it down in the moment in which it keeps the
    list in its settings file, which is what the next start reads; here stand who changed it, when, and to what."""

    machines: Annotated[tuple[Machine, ...], Len(0, MOST_MACHINES)]
    before: Annotated[tuple[str, ...], MaxLen(MOST_MACHINES)] = ()  # names of those that there were

    verb = "change_machines"
    needs = Right.DESKS
    offline = Offline.ALWAYS

    def normalised(self) -> Self:
        return replace(self, machines=checked_machines(self.machines))

    def apply(self, work: Work) -> MachinesChanged:
        return MachinesChanged(len(self.machines))


def checked_machines(machines: tuple[Machine, ...]) -> tuple[Machine, ...]:
    """The list in its stored form. Raises Refused where machines cannot stand beside each other."""
    found = tuple(_checked(machine) for machine in machines)
    name, times = next(iter(Counter(each.name.lower() for each in found).most_common(1)), ("", 0))
    if times > 1:
        raise Refused("device.name_twice", name=name)
    kinds = Counter(each.kind for each in found)
    for kind, count in kinds.items():
        if kind is not DeviceKind.READER and count > 1:
            raise Refused("device.one_of_a_kind", device=kind.value)
    if kinds[DeviceKind.READER] > MOST_READERS:
        raise Refused("device.too_many_readers", most=MOST_READERS)
    ports: dict[str, Machine] = {}
    for each in found:
        if not (each.enabled and each.url):
            continue
        other = ports.setdefault(each.url, each)
        # A display may hang behind the printer; whether this make does, the desk's own program knows.
        if other is not each and {other.kind, each.kind} != {DeviceKind.PRINTER, DeviceKind.DISPLAY}:
            raise Refused("device.same_port", one=other.name, other=each.name)
    return found


def _checked(machine: Machine) -> Machine:
    return replace(
        machine,
        name=clean(machine.name, field="name", longest=20, shortest=1),
        url=clean(machine.url, field="port", longest=200),
    )
