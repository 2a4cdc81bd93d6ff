"""An account as a desk shows it: the hub's image and, over it, what the hub has not answered yet."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.points import Account, Lot, LotId
from app.sync.overlay import Effect, laid_over

TODAY = date(2026, 11, 22)
MEMBER = UUID(int=1)


def lot(number: int, remaining: int, *, days: int = 30, quantity: int | None = None) -> Lot:
    whole = quantity if quantity is not None else max(1, remaining)
    return Lot(LotId(UUID(int=number), 0), TODAY + timedelta(days=days), whole, remaining, TODAY)


def account(*lots: Lot, owed: int = 0, held: int = 0) -> Account:
    return Account(MEMBER, sum(each.remaining for each in lots) - owed, held, owed, lots)


lots_of_hub = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), max_size=4).map(
    lambda rows: tuple(lot(100 + place, left, days=days) for place, (left, days) in enumerate(rows))
)
accounts = st.tuples(lots_of_hub, st.integers(0, 50)).map(lambda both: account(*both[0], owed=both[1]))


@st.composite
def own_operations(draw: st.DrawFn) -> list[Effect]:
    effects: list[Effect] = []
    for number in range(draw(st.integers(0, 6))):
        operation = UUID(int=1_000 + number)
        spends = [each for each in effects if each.spent and not any(x.undoes == each.operation for x in effects)]
        match draw(st.sampled_from(["earn", "spend", "undo"])):
            case "earn":
                points = draw(st.integers(1, 200))
                made = Lot(LotId(operation, 0), TODAY + timedelta(days=90), points, points, TODAY)
                effects.append(Effect(operation, TODAY, made=(made,)))
            case "spend":
                effects.append(Effect(operation, TODAY, spent=draw(st.integers(1, 200))))
            case "undo" if spends:
                undone = draw(st.sampled_from(spends))
                effects.append(Effect(operation, TODAY, returned=undone.spent, undoes=undone.operation))
    return effects


@given(accounts, own_operations())
def test_posted_stays_what_is_left_in_the_lots_less_what_is_owed(central: Account, own: list[Effect]) -> None:
    shown = laid_over(central, own)
    assert shown.posted == sum(each.remaining for each in shown.lots) - shown.owed
    assert all(0 <= each.remaining <= each.quantity for each in shown.lots)
    assert shown.owed >= 0
    assert shown.held == central.held


@given(accounts, own_operations())
def test_the_balance_moves_by_what_was_done_and_by_nothing_else(central: Account, own: list[Effect]) -> None:
    moved = sum(sum(each.quantity for each in effect.made) + effect.returned - effect.spent for effect in own)
    assert laid_over(central, own).posted == central.posted + moved


@given(accounts, own_operations(), st.integers(0, 6))
def test_an_answer_changes_nothing_that_is_shown_if_nobody_else_did_anything(
    central: Account, own: list[Effect], answered: int
) -> None:
    """The hub applies the first few and sends its image; the rest lies over that. A reversal whose redemption is
    settled returns to the lots that it took from, which the desk knows by its own rows."""
    settled, pending = own[:answered], own[answered:]
    if any(effect.undoes in {each.operation for each in settled} for effect in pending):
        return
    assert laid_over(laid_over(central, settled), pending) == laid_over(central, own)


def test_the_earliest_that_the_hub_knows_is_spent_not_the_lot_that_was_named_here() -> None:
    late, early = lot(1, 100, days=60), lot(2, 50, days=5)
    shown = laid_over(account(late, early), [Effect(UUID(int=9), TODAY, spent=60)])
    assert {each.lot.source.int: each.remaining for each in shown.lots} == {1: 90, 2: 0}


def test_what_the_lots_cannot_give_is_owed_and_the_next_credit_repays_it() -> None:
    spent = Effect(UUID(int=9), TODAY, spent=120)
    shown = laid_over(account(lot(1, 100)), [spent])
    assert (shown.posted, shown.owed) == (-20, 20)
    earned = Effect(UUID(int=10), TODAY, made=(lot(10, 50, quantity=50),))
    again = laid_over(account(lot(1, 100)), [spent, earned])
    assert (again.posted, again.owed, again.usable(TODAY)) == (30, 0, 30)


def test_a_reversal_of_what_is_settled_goes_back_to_its_lots_though_the_image_left_them_out() -> None:
    used_up = lot(1, 0, quantity=100)
    shown = laid_over(account(), [Effect(UUID(int=9), TODAY, returned=100, undoes=UUID(int=8), into=((used_up, 100),))])
    assert [(each.lot, each.remaining) for each in shown.lots] == [(used_up.lot, 100)]


def test_what_a_lot_has_no_room_for_is_a_lot_of_its_own_until_the_hub_has_answered() -> None:
    """The hub had taken 60 of the 100 from a lot that this desk had not heard of."""
    stands = lot(1, 70, quantity=110)
    effect = Effect(
        UUID(int=9),
        TODAY,
        returned=100,
        undoes=UUID(int=8),
        into=((stands, 100),),
        new_until=TODAY + timedelta(days=90),
    )
    shown = laid_over(account(stands), [effect])
    assert {(each.lot.source.int, each.remaining, each.quantity) for each in shown.lots} == {(1, 110, 110), (9, 60, 60)}


def test_what_comes_back_to_a_lot_that_has_expired_makes_it_count_again() -> None:
    gone, until = lot(1, 0, days=-1, quantity=100), TODAY + timedelta(days=14)
    effect = Effect(UUID(int=9), TODAY, returned=100, undoes=UUID(int=8), into=((gone, 100),), not_before=until)
    shown = laid_over(account(), [effect])
    assert [(each.expires_on, each.remaining) for each in shown.lots] == [(until, 100)]


def test_expired_lots_are_no_part_of_a_redemption() -> None:
    shown = laid_over(account(lot(1, 100, days=-1), lot(2, 10)), [Effect(UUID(int=9), TODAY, spent=30)])
    assert (shown.owed, {each.lot.source.int: each.remaining for each in shown.lots}) == (20, {1: 100, 2: 0})
