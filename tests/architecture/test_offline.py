"""Whether a verb may be decided at a desk that is cut off is thought through for each: nothing is inherited, and what
is written about it for readers agrees."""

import re
from pathlib import Path

import pytest

from app.operations import VERBS
from app.operations.base import Offline, Operation

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", VERBS.values(), ids=lambda kind: kind.verb)
def test_every_verb_states_whether_it_may_be_decided_without_the_hub(kind: type[Operation]) -> None:
    assert "offline" in vars(kind), f"{kind.__name__} does not say `offline = Offline.…`"


@pytest.mark.parametrize("offline", Offline, ids=lambda offline: offline.value)
def test_the_table_for_readers_names_the_same_verbs(offline: Offline) -> None:
    text = (ROOT / "docs/operations/hub.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{offline.value}` \|.*\|$", text, re.MULTILINE)
    named = re.findall(r"`(\w+)`", row)[1:]
    assert sorted(named) == sorted(verb for verb, kind in VERBS.items() if kind.offline is offline)
