"""An encoder inside a dispenser: the card at the read position is the one it sees."""

from __future__ import annotations

from devices.simulators.dispenser import DispenserModel, PlasticCard
from devices.simulators.er302 import ER302Model
from devices.simulators.msr605 import MSR605Model, StripeCard
from devices.simulators.pn532 import PN532Model
from devices.simulators.readers import SimulatedMachine
from devices.simulators.tags import SimulatedTag

EncoderModel = MSR605Model | PN532Model | ER302Model
SimulatedEncoder = SimulatedMachine[MSR605Model] | SimulatedMachine[PN532Model] | SimulatedMachine[ER302Model]


def put_inside(dispenser: SimulatedMachine[DispenserModel], encoder: SimulatedEncoder) -> None:
    def arrived(card: PlasticCard | None) -> None:
        encoder.touch(lambda model: _hold(model, card))

    dispenser.touch(lambda model: setattr(model, "arrived", arrived))


def _hold(model: EncoderModel, card: PlasticCard | None) -> None:
    if isinstance(model, MSR605Model):
        model.at_head = card if isinstance(card, StripeCard) else None
    elif isinstance(card, SimulatedTag):
        model.put(card)
    else:
        model.take_away()
