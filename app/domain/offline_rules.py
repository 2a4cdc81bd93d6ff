"""What desks may do while they are cut off (RELIABILITY.md 4.6): figures of the mall, kept among its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from app.domain.errors import Refused


class OfflinePolicy(Enum):
    BOUNDED = "bounded"  # limits: what may be overspent is known
    STRICT = "strict"  # a share of what there is: nothing can be


# The lowest and the highest of each figure that a mall may set. A licence ends within a day (RELIABILITY.md P14): so
# long, at most, a stolen desk could give gifts away.
RANGES: Mapping[str, tuple[int, int]] = {
    "per_redemption": (0, 1_000_000),
    "kiosk_per_redemption": (0, 1_000_000),
    "per_member": (0, 1_000_000),
    "per_desk": (0, 10_000_000),
    "newest_copy_s": (1_800, 7 * 86_400),
    "credit_per_day": (0, 100_000_000),
    "contact_timeout_s": (5, 600),
    "share_percent": (1, 100),
    "licence_s": (1_800, 86_400),
}
LONGEST_LICENCE = timedelta(seconds=RANGES["licence_s"][1])


@dataclass(frozen=True)
class Figures:
    """How much one desk may redeem while it is cut off: at once, of one member, in all. What it has redeemed so counts
    until it has read what became of it."""

    per_redemption: int
    per_member: int
    per_desk: int

    def passed_by(self, points: int, of_member: int, of_desk: int) -> tuple[str, int] | None:
        """A sentence's code and the figure that a redemption of `points` would pass, or None; `of_member` and `of_desk`
        count already. A desk asks before it redeems, and its hub when it hears of it."""
        if points > self.per_redemption:
            return "offline.over_operation", self.per_redemption
        if of_member + points > self.per_member:
            return "offline.over_member", max(0, self.per_member - of_member)
        if of_desk + points > self.per_desk:
            return "offline.over_desk", max(0, self.per_desk - of_desk)
        return None

    def or_more(self, other: Figures) -> Figures:
        """The larger of each."""
        return Figures(
            max(self.per_redemption, other.per_redemption),
            max(self.per_member, other.per_member),
            max(self.per_desk, other.per_desk),
        )


@dataclass(frozen=True)
class OfflineRules:
    """Points and seconds; 0 points: no redemption offline."""

    policy: OfflinePolicy = OfflinePolicy.BOUNDED
    per_redemption: int = 1_000  # F_op
    per_member: int = 2_000  # F_m
    per_desk: int = 50_000  # F_k
    newest_copy_s: int = 86_400  # T
    credit_per_day: int = 100_000  # A_k
    contact_timeout_s: int = 15
    share_percent: int = 50  # strict: of what is usable, as shares to desks; of the rest the hub gives without asking
    licence_s: int = 86_400
    kiosk_per_redemption: int = 200  # F_op of a kiosk, where it is the smaller one: nobody approves there

    def checked(self) -> OfflineRules:
        """Raises Refused("offline_rules.out_of_range" | "offline_rules.out_of_order")."""
        for name, (lowest, highest) in RANGES.items():
            if not lowest <= getattr(self, name) <= highest:
                raise Refused("offline_rules.out_of_range", field=name, lowest=lowest, highest=highest)
        if not self.per_redemption <= self.per_member <= self.per_desk:
            raise Refused("offline_rules.out_of_order")
        return self

    def figures(self, *, at_kiosk: bool) -> Figures:
        """As a licence says them."""
        at_once = min(self.per_redemption, self.kiosk_per_redemption) if at_kiosk else self.per_redemption
        return Figures(at_once, self.per_member, self.per_desk)

    def settings(self) -> dict[str, str]:
        """The other way round."""
        plain = {name: str(getattr(self, name)) for name in self.__dataclass_fields__ if name != "policy"}
        return {f"offline_{name}": value for name, value in {"policy": self.policy.value, **plain}.items()}

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> OfflineRules:
        """From settings named `offline_…`; what is not set keeps its default."""
        plain = {
            name: int(settings[f"offline_{name}"])
            for name in cls.__dataclass_fields__
            if name != "policy" and f"offline_{name}" in settings
        }
        return cls(OfflinePolicy(settings.get("offline_policy", "bounded")), **plain)
