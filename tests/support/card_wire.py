"""A cable in memory between a script that writes a card and a simulated encoder, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable

from app.ports.devices import CardMade, CardStep
from devices.drivers.writing import Writing
from devices.simulators.readers import Model
from tests.support.wire import STEP_S, WireClock


class CardWire:
    """`ends()` carries bytes until the script has its result. `person` hears each step; what they do to the machine
    happens a moment later. `spoil` may change what the machine says."""

    def __init__(
        self,
        clock: WireClock,
        machine: Model,
        make: Callable[[Callable[[CardStep], None]], Writing],
        *,
        person: Callable[[CardStep], None] = lambda _: None,
        spoil: Callable[[bytes], bytes] = lambda said: said,
    ) -> None:
        self.clock = clock
        self.machine = machine
        self.steps: list[CardStep] = []
        self.heard = b""
        self._person = person
        self._to_do: list[tuple[float, CardStep]] = []
        self._spoil = spoil
        self.writing = make(self._told)
        self.writing.dialogue.start()

    @property
    def result(self) -> CardMade | None:
        return self.writing.dialogue.result

    def ends(self) -> CardMade:
        while self.result is None:
            self.step()
            assert self.clock.now_s < 100_000, "it never ends"
        return self.result

    def until(self, step: CardStep) -> None:
        while step not in self.steps:
            assert self.result is None, self.result
            self.step()

    def step(self) -> None:
        dialogue = self.writing.dialogue
        sent = dialogue.outgoing
        dialogue.accepted(len(sent))
        self.heard += sent
        said = self.machine.feed(sent) + self.machine.replies()
        if said:
            said = self._spoil(said)
        if said:
            dialogue.feed(said)
        else:
            dialogue.tick()
        self.clock.now_s += STEP_S
        if self._to_do and self.clock.now_s >= self._to_do[0][0]:
            self._person(self._to_do.pop(0)[1])

    def _told(self, step: CardStep) -> None:
        self.steps.append(step)
        self._to_do.append((self.clock.now_s + 3 * STEP_S, step))  # nobody is quicker than the machine
