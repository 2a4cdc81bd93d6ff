"""What desks may do while they are cut off (RELIABILITY.md 4.6): figures of the mall, kept among its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
