"""Whatever comes in: one clear answer a line, nothing half done, and the desk goes on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import Unavailable
from app.headless import run
from app.headless.asking import QUERIES
from app.headless.lines import LONGEST_LINE
from app.operations import VERBS
from app.ports.authority import Answer, Authority, Submission
from tests.story.headless.counter import CARDS, CLERK, SUPERVISOR, Counter

MEMBER = "0192f5a0-0000-7000-8000-0000000000aa"


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    """One counter for many tests, each of which shows that it has changed nothing."""
    counter = Counter(f"sqlite:///{tmp_path_factory.mktemp('lasting')}/store.db")
    session = signed_in(counter)
    a_member(counter, session)
    yield Lasting(counter, session)
    counter.close()


@dataclass(frozen=True)
class Lasting:
    counter: Counter
    session: str


def fresh() -> str:
    return str(uuid4())


def signed_in(counter: Counter, who: tuple[str, str] = CLERK) -> str:
    answer = counter.ask(id=fresh(), op="sign_in", body={"staff": who[0], "pin": who[1]})
    assert answer["result"] == "ok"
    return str(answer["facts"]["session"])


def a_member(counter: Counter, session: str) -> None:
    person = {"name": "欧阳修", "phone": "13900001234"}
    body = {"member": MEMBER, "person": person, "confirmed_adult": True, "consents": [{"purpose": "service"}]}
    assert counter.ask(id=fresh(), session=session, op="enrol_member", body=body)["result"] == "ok"


def refusal(counter: Counter, line: bytes) -> str:
    """The code that comes back for `line`, which must have changed nothing and must not stop the desk."""
    before = counter.everything()
    answer, after = counter.send(line + b"\n" + json.dumps({"id": fresh(), "query": "desk"}).encode() + b"\n")
    assert after["result"] == "ok"
    assert answer["result"] == "refused"
    assert set(answer["sentence"]) == {"zh_CN", "en"}
    assert counter.everything() == before
    assert counter.crashes == []
    return str(answer["code"])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "request.empty"),
        (b"   \t ", "request.empty"),
        (b"hello", "request.not_json"),
        (b'{"id": ', "request.not_json"),
        (b'{"id": 1} {"id": 2}', "request.not_json"),
        (b'{"id": NaN}', "request.not_json"),
        (b'{"id": -Infinity}', "request.not_json"),
        (b'{"id": 1e999}', "request.not_json"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "request.not_json"),
        (b"[]", "request.not_object"),
        (b"null", "request.not_object"),
        (b'"redeem"', "request.not_object"),
        (b"[" * 100_000, "request.too_deep"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "request.too_deep"),
        (b"\xff\xfe{\x00}\x00", "request.not_utf8"),
        ('{"id": "李"}'.encode("gb18030"), "request.not_utf8"),
        (b"\x00", "request.not_json"),
        (b'{"id": "a\x1bb"}', "request.not_json"),
        (b'{"id": "a\\u0000b"}', "text.not_allowed"),
        (b'{"id": "a\\ud800b"}', "text.not_allowed"),
        (b'{"a\\u001bb": 1}', "text.not_allowed"),
        (b'{"id": 1, "id": 2}', "request.name_twice"),
        (b"{}", "request.id_missing"),
        (b'{"id": null, "query": "desk"}', "request.id_missing"),
        (b'{"id": 7, "query": "desk"}', "request.id_not_uuid"),
        (b'{"id": "7", "query": "desk"}', "request.id_not_uuid"),
        (b'{"id": "{0192f5a0-0000-7000-8000-0000000000aa}", "query": "desk"}', "request.id_not_uuid"),
        (b'{"id": "' + b"x" * (LONGEST_LINE + 5) + b'"}', "request.too_long"),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_a_line_that_is_no_request_is_refused(lasting: Lasting, line: bytes, code: str) -> None:
    assert refusal(lasting.counter, line) == code


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "request.one_of"),
        ({"op": "redeem", "query": "gifts"}, "request.one_of"),
        ({"op": "no_such_verb"}, "request.unknown_verb"),
        ({"query": "no_such_query"}, "request.unknown_query"),
        ({"op": 5}, "request.bad_value"),
        ({"op": "redeem", "body": []}, "request.bad_value"),
        ({"op": "redeem", "args": {}}, "request.bad_value"),
        ({"query": "desk", "body": {}}, "request.bad_value"),
        ({"query": "desk", "member_pin": "123"}, "request.bad_value"),
        ({"query": "desk", "aproval": {}}, "request.bad_value"),
        ({"op": "redeem", "approval": {"staff": "2001"}}, "request.bad_value"),
        ({"op": "redeem", "approval": {"staff": "2001", "pin": 246801}}, "request.bad_value"),
        ({"op": "redeem", "session": 5}, "request.bad_value"),
        ({"op": "redeem", "session": "today"}, "request.bad_value"),
        ({"op": "sign_out"}, "session.none"),
        ({"op": "sign_out", "session": MEMBER}, "session.unknown"),
        ({"query": "gifts"}, "session.none"),
        ({"query": "gifts", "session": MEMBER}, "session.unknown"),
        ({"ops": []}, "request.empty"),
        ({"ops": [{"id": MEMBER, "op": "sign_out"}] * 2}, "request.same_id_twice"),
        ({"ops": [{"id": MEMBER, "op": "sign_out"}] * 101}, "request.too_many"),
        ({"ops": [{"op": "sign_out"}]}, "request.bad_value"),
        ({"op": "sign_in", "body": {"staff": "1001"}}, "pin.required"),
        ({"op": "sign_in", "body": {"staff": "1001", "pin": 135790}}, "request.bad_value"),
        ({"op": "sign_in", "body": {"staff": "1001", "pin": "1" * 1_000}}, "text.too_long"),
        ({"op": "sign_in", "body": {"staff": "4711", "pin": "135790"}}, "staff.unknown"),
        ({"op": "sign_in", "body": {"staff": "1001", "pin": "135790", "id": MEMBER}}, "request.bad_value"),
        ({"op": "count_wrong_pin", "body": {"purpose": "sign_in", "staff": "1001"}}, "request.not_from_outside"),
        (
            {"op": "open_mall", "body": {"name": "x", "zone": "Asia/Shanghai", "card_prefix": "9900"}},
            "request.not_from_outside",
        ),
    ],
    ids=str,
)
def test_a_request_that_is_not_well_formed_is_refused(lasting: Lasting, request_: dict[str, Any], code: str) -> None:
    assert refusal(lasting.counter, json.dumps({"id": fresh(), **request_}).encode()) == code


@pytest.mark.parametrize(
    ("op", "body", "code"),
    [
        ("credit_sale", {"amount_fen": -1}, "request.bad_value"),
        ("credit_sale", {"amount_fen": 10**30}, "request.bad_value"),
        ("credit_sale", {"amount_fen": 100.0}, "request.bad_value"),
        ("credit_sale", {"amount_fen": "100"}, "request.bad_value"),
        ("credit_sale", {"amount_fen": True}, "request.bad_value"),
        ("credit_sale", {"sold_at": "yesterday"}, "request.bad_value"),
        ("credit_sale", {"sold_at": "2026-11-05T11:30:00"}, "sale.time_without_zone"),
        ("credit_sale", {"sold_at": "2030-11-05T11:30:00+08:00"}, "sale.in_the_future"),
        ("credit_sale", {"sold_at": "9999-12-31T23:59:59-14:00"}, "sale.time_unreadable"),
        ("credit_sale", {"sold_at": "0001-01-01T00:00:00+14:00"}, "sale.time_unreadable"),
        ("credit_sale", {"shop": "S999"}, "shop.unknown"),
        ("credit_sale", {"shop": "S\u001b001"}, "text.not_allowed"),
        ("credit_sale", {"slip_number": "A\u0000"}, "text.not_allowed"),
        ("credit_sale", {"slip_number": "A" * 41}, "text.too_long"),
        ("credit_sale", {"member": "nobody"}, "request.bad_value"),
        ("credit_sale", {"member": "0192f5a0-0000-7000-8000-0000000000ff"}, "member.unknown"),
        ("credit_sale", {"tip": 5}, "request.bad_value"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_right_is_refused(lasting: Lasting, op: str, body: dict[str, Any], code: str) -> None:
    right = {
        "member": MEMBER,
        "shop": "S001",
        "slip_number": "A-1",
        "sold_at": "2026-11-05T11:30:00+08:00",
        "amount_fen": 100,
    }
    line = json.dumps({"id": fresh(), "session": lasting.session, "op": op, "body": {**right, **body}})
    assert refusal(lasting.counter, line.encode()) == code


def test_names_with_control_characters_are_refused(counter: Counter) -> None:
    session = signed_in(counter)
    for name in ("李\u001b@四", "李\n四", "\u202e四李", "李\u0000"):
        body = {
            "member": MEMBER,
            "person": {"name": name, "phone": "13900001234"},
            "confirmed_adult": True,
            "consents": [{"purpose": "service"}],
        }
        line = json.dumps({"id": fresh(), "session": session, "op": "enrol_member", "body": body})
        assert refusal(counter, line.encode()) == "text.not_allowed"


def test_a_bom_windows_line_ends_and_a_missing_last_line_end_are_taken(lasting: Lasting) -> None:
    asked = json.dumps({"id": MEMBER, "query": "desk"}).encode()
    answers = lasting.counter.send(b"\xef\xbb\xbf" + asked + b"\r\n" + asked)
    assert [(answer["id"], answer["result"]) for answer in answers] == [(MEMBER, "ok")] * 2


def test_a_line_as_long_as_allowed_is_read(lasting: Lasting) -> None:
    asked = json.dumps({"id": MEMBER, "query": "desk"}).encode()
    (answer,) = lasting.counter.send(asked + b" " * (LONGEST_LINE - len(asked)) + b"\n")
    assert answer["result"] == "ok"


def test_after_a_line_without_end_the_input_is_over(lasting: Lasting) -> None:
    assert [answer["code"] for answer in lasting.counter.send(b"x" * (3 * LONGEST_LINE))] == ["request.too_long"]
    assert lasting.counter.send(b"") == []


def test_the_id_comes_back_in_the_letters_it_was_given_in(lasting: Lasting) -> None:
    assert lasting.counter.ask(id=MEMBER.upper(), query="desk")["id"] == MEMBER.upper()


def test_several_operations_take_effect_together_or_not_at_all(counter: Counter) -> None:
    session = signed_in(counter)
    before = counter.everything()
    person = {"name": "欧阳修", "phone": "13900001234"}
    enrol = {"member": MEMBER, "person": person, "confirmed_adult": True, "consents": [{"purpose": "service"}]}
    answer = counter.ask(
        id=fresh(),
        session=session,
        ops=[
            {"id": fresh(), "op": "enrol_member", "body": enrol},
            {"id": fresh(), "op": "issue_card", "body": {"member": MEMBER, "number": "9900000000000000"}},
        ],
    )
    assert answer["result"] == "refused"
    assert answer["code"] in {"card.misread", "card.not_in_stock"}
    assert counter.everything() == before


@pytest.mark.parametrize("key", ["f", "zz" * 32, "FF" * 32, "ff" * 31, ""])
def test_a_desk_is_not_added_with_a_key_that_is_none(lasting: Lasting, key: str) -> None:
    session = signed_in(lasting.counter, ("9001", "864209"))
    body = {"desk": "D9", "name": "9 号服务台", "number": 9, "public_key": key}
    line = json.dumps({"id": fresh(), "session": session, "op": "add_desk", "body": body})
    assert refusal(lasting.counter, line.encode()) in {"request.bad_value", "desk.key_unreadable"}


def test_one_new_pin_never_goes_to_two_people(sqlite_counter: Counter) -> None:
    session = signed_in(sqlite_counter)
    operations = []
    for number, pin in ((1, {"pin": "908172"}), (2, {})):
        body = {
            "member": fresh(),
            "person": {"name": "欧阳修", "phone": f"1390000123{number}"},
            "confirmed_adult": True,
            "consents": [{"purpose": "service"}],
            **pin,
        }
        operations.append({"id": fresh(), "op": "enrol_member", "body": body})
    line = json.dumps({"id": fresh(), "session": session, "ops": operations})
    assert refusal(sqlite_counter, line.encode()) == "request.two_pins"


@pytest.mark.parametrize("query", sorted(set(QUERIES) - {"staff", "desk"}))
def test_every_query_but_two_needs_an_open_session(lasting: Lasting, query: str) -> None:
    counter = lasting.counter
    ended = signed_in(counter, SUPERVISOR)
    counter.ask(id=fresh(), session=ended, op="sign_out")
    assert counter.ask(id=fresh(), query=query)["code"] == "session.none"
    assert counter.ask(id=fresh(), session=ended, query=query)["code"] == "session.ended"


def test_who_may_not_look_up_members_sees_none(sqlite_counter: Counter) -> None:
    administrator = signed_in(sqlite_counter, ("9001", "864209"))
    assert sqlite_counter.ask(id=fresh(), session=administrator, query="gifts")["code"] == "staff.no_right"


@pytest.mark.parametrize(
    "number", ["4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "6222021234567894"]
)
@pytest.mark.parametrize("place", ["member", "find", "issue_card"])
def test_a_bank_card_is_refused_and_not_repeated(lasting: Lasting, number: str, place: str) -> None:
    request: dict[str, Any] = {"id": fresh(), "session": lasting.session}
    if place == "issue_card":
        request |= {"op": place, "body": {"member": MEMBER, "number": number}}
    else:
        request |= {"query": place, "args": {"card" if place == "member" else "text": number}}
    (answer,) = lasting.counter.send(json.dumps(request).encode())
    assert answer["code"] == "card.bank"
    assert number not in json.dumps(answer)


def test_unknown_cards_and_numbers_are_said_to_be_unknown(lasting: Lasting) -> None:
    for args, code in (
        ({"card": CARDS[4]}, "card.unknown"),
        ({"card": "lost"}, "card.unknown"),
        ({"member_no": "0100000025"}, "member.unknown"),
        ({"member_no": "' or 1=1"}, "member.unknown"),
        ({"member": fresh()}, "member.unknown"),
        ({}, "request.bad_value"),
        ({"card": CARDS[0], "member": MEMBER}, "request.bad_value"),
    ):
        answer = lasting.counter.ask(id=fresh(), session=lasting.session, query="member", args=args)
        assert answer["code"] == code, args


def test_a_member_is_found_by_member_number(counter: Counter) -> None:
    session = signed_in(counter)
    a_member(counter, session)
    answer = counter.ask(id=fresh(), session=session, query="member", args={"member_no": "0100000017"})
    assert answer["facts"]["rows"][0]["member"] == MEMBER


def test_five_wrong_pins_lock_the_person_out_and_say_for_how_long(counter: Counter) -> None:
    codes = [counter.ask(id=fresh(), op="sign_in", body={"staff": CLERK[0], "pin": "000001"})["code"] for _ in range(5)]
    assert codes == ["pin.wrong"] * 4 + ["staff.pin_locked"]
    locked = counter.ask(id=fresh(), op="sign_in", body={"staff": CLERK[0], "pin": CLERK[1]})
    assert locked["code"] == "staff.pin_locked"
    assert "请 1 分钟后再试" in locked["sentence"]["zh_CN"]


def test_the_same_request_again_gets_the_same_answer(counter: Counter) -> None:
    session = signed_in(counter)
    a_member(counter, session)
    body = {
        "member": MEMBER,
        "shop": "S001",
        "slip_number": "A-1",
        "sold_at": "2026-11-05T11:30:00+08:00",
        "amount_fen": 10_000,
    }
    request = {"id": fresh(), "session": session, "op": "credit_sale", "body": body}
    assert counter.ask(**request) == counter.ask(**request)
    page = counter.ask(id=fresh(), session=session, query="member", args={"member": MEMBER})
    assert page["facts"]["rows"][0]["usable"] == 100


def test_a_redemption_wakes_the_printer_and_a_query_does_not(sqlite_counter: Counter) -> None:
    session = signed_in(sqlite_counter)
    woken = sqlite_counter.slips
    sqlite_counter.ask(id=fresh(), session=session, query="gifts")
    assert sqlite_counter.slips == woken
    a_member(sqlite_counter, session)
    assert sqlite_counter.slips == woken + 1


def test_no_pin_and_no_number_is_written_anywhere(
    sqlite_counter: Counter, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    session = signed_in(sqlite_counter)
    a_member(sqlite_counter, session)
    sqlite_counter.ask(id=fresh(), session=session, op="set_member_pin", body={"member": MEMBER, "pin": "908172"})
    sqlite_counter.ask(id=fresh(), session=session, query="member", args={"card": CARDS[0]})
    kept = repr(sqlite_counter.everything()["operation"])
    output = capfd.readouterr()
    for secret in (CLERK[1], "908172", CARDS[0], "13900001234"):
        assert secret not in output.out + output.err + caplog.text
        assert secret not in kept


# -- the world fails ---------------------------------------------------------------------------------------------------


class BrokenAuthority:
    """Fails as it is told to."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def submit(self, submission: Submission) -> tuple[Answer, ...]:
        raise self._failure

    def requirements(self, submission: Submission) -> Any:
        raise self._failure

    def give_up(self, operations: Sequence[UUID]) -> None: ...

    def check_pin(self, session: UUID, pin: str) -> None:
        raise self._failure


def broken(counter: Counter, authority: Authority, line: bytes) -> dict[str, Any]:
    stdout = io.BytesIO()
    assert run(authority, counter.queries, io.BytesIO(line), stdout) == 0
    (answer,) = [json.loads(text) for text in stdout.getvalue().splitlines()]
    return dict(answer)


def test_a_full_disk_is_unavailable_with_its_sentence(sqlite_counter: Counter) -> None:
    line = json.dumps({"id": MEMBER, "op": "sign_out", "session": MEMBER}).encode()
    answer = broken(sqlite_counter, BrokenAuthority(Unavailable("store.full", file="x.db")), line)
    assert (answer["id"], answer["result"], answer["code"]) == (MEMBER, "unavailable", "store.full")
    assert "磁盘已满" in answer["sentence"]["zh_CN"]


def test_a_bug_is_answered_with_a_number_and_says_nothing_of_what_was_typed(
    sqlite_counter: Counter, capfd: pytest.CaptureFixture[str]
) -> None:
    line = json.dumps({"id": MEMBER, "op": "sign_out", "session": MEMBER}).encode()
    answer = broken(sqlite_counter, BrokenAuthority(KeyError("13900001234")), line)
    assert (answer["result"], answer["code"]) == ("unavailable", "internal")
    output = capfd.readouterr()
    assert answer["facts"]["crash"] in output.err
    assert "Traceback" not in output.out + output.err
    assert "13900001234" not in output.err + json.dumps(answer)


class ClosedPipe(io.RawIOBase):
    """Somebody stopped reading after the first answer."""

    def __init__(self) -> None:
        self.answers = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.answers += 1
        if self.answers > 1:
            raise BrokenPipeError
        return len(data)


def test_when_nobody_reads_the_answers_any_more_the_desk_ends(sqlite_counter: Counter) -> None:
    line = json.dumps({"id": MEMBER, "query": "desk"}).encode() + b"\n"
    pipe = ClosedPipe()
    assert run(sqlite_counter.authority, sqlite_counter.queries, io.BytesIO(line * 5), pipe) == 1  # type: ignore[arg-type]  # raw streams write, too
    assert pipe.answers == 2


# -- anything ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """One counter for all examples: what they send must not change it."""
    counter = Counter(f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/store.db")
    yield counter
    counter.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
ALMOST = st.fixed_dictionaries(
    {},
    optional={
        "id": st.uuids().map(str) | JSON,
        "session": st.uuids().map(str) | JSON,
        "op": st.sampled_from(sorted(VERBS)) | JSON,
        "query": st.sampled_from(sorted(QUERIES)) | JSON,
        "ops": st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.uuids().map(str),
                    "op": st.sampled_from(sorted(VERBS)),
                    "body": st.dictionaries(st.text(), JSON),
                }
            ),
            max_size=2,
        )
        | JSON,
        "body": JSON,
        "args": JSON,
        "approval": JSON,
        "member_pin": JSON,
    },
)
WHOLE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


def answered(counter: Counter, data: bytes) -> None:
    before = counter.operations()
    answers = counter.send(data)
    expected = data.count(b"\n") + (0 if data.endswith(b"\n") or not data else 1)
    assert len(answers) == expected
    assert all(answer["result"] in {"ok", "refused"} for answer in answers)
    assert counter.crashes == []
    assert counter.operations() == before


@WHOLE
@given(st.lists(st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))))
def test_arbitrary_bytes_are_answered_and_change_nothing(shared: Counter, parts: list[bytes]) -> None:
    answered(shared, b"\n".join(parts))


@WHOLE
@given(ALMOST)
def test_almost_requests_are_answered_and_change_nothing(shared: Counter, request: dict[str, Any]) -> None:
    answered(shared, json.dumps(request).encode() + b"\n")


# Texts that some field takes, and some that only look like it.
WORDS = (
    *("", "S001", "G-CUP", "1001", MEMBER, CARDS[1], "other", "physical", "phone", "李四", "13900001234", "\U0010ffff"),
    *("2026-11-05", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *("1" * 64, "zz" * 32, "ff" * 32, "1e5", "points_per_yuan", "clerk"),
)
ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(WORDS),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(max_size=12),
    st.sampled_from([[], [0], {}]),
)


@WHOLE
@given(data=st.data(), verb=st.sampled_from(sorted(set(VERBS) - {"sign_out", "sign_in"})))
def test_odd_values_in_any_body_never_meet_a_bug(shared: Counter, data: st.DataObject, verb: str) -> None:
    """Well-formed requests of people who are signed in; what is right takes effect, everything else is refused."""
    who = data.draw(st.sampled_from([CLERK, SUPERVISOR, ("9001", "864209")]))
    session = signed_in(shared, who)
    names = [field.name for field in fields(VERBS[verb]) if field.name not in {"id", "pin_verifier"}]
    body = {name: data.draw(ODD, label=name) for name in names}
    answer = shared.ask(id=fresh(), session=session, op=verb, body=body)
    assert answer["result"] in {"ok", "refused"}
    assert shared.crashes == []
