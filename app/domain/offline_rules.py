"""What desks may do while they are cut off (RELIABILITY.md 4.6): figures of the mall, kept among its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class OfflinePolicy(Enum):
    BOUNDED = "bounded"  # limits: what may be overspent is known
    STRICT = "strict"  # a share of what there is: nothing can be


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
    licence_s: int = 86_400

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> OfflineRules:
        """From settings named `offline_…`; what is not set keeps its default."""
        plain = {
            name: int(settings[f"offline_{name}"])
            for name in cls.__dataclass_fields__
            if name != "policy" and f"offline_{name}" in settings
        }
        return cls(OfflinePolicy(settings.get("offline_policy", "bounded")), **plain)
