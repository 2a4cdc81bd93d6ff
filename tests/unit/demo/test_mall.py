from __future__ import annotations

from app.demo.mall import CARD_PREFIX, DESKS, GIFTS, MALL_NAME, MEMBER_PIN, SHOPS, STAFF
from app.domain.card import checked_prefix
from app.domain.policy import Policy
from app.domain.staff import RIGHTS, Right, Role, checked_pin
from app.domain.text import clean


def test_eighty_shops_each_with_a_code_and_a_name_of_its_own() -> None:
    assert len(SHOPS) == 80
    assert len({shop.shop for shop in SHOPS}) == len({shop.name for shop in SHOPS}) == 80
    assert {(shop.shop, clean(shop.name, field="shop", longest=40)) for shop in SHOPS} == {
        (shop.shop, shop.name) for shop in SHOPS
    }
    assert all(len(shop.category) <= 8 and shop.ticket_yuan > 0 and shop.visits > 0 for shop in SHOPS)


def test_six_people_cover_the_counter_and_two_of_them_may_approve() -> None:
    assert len({person.staff for person in STAFF}) == 6
    assert sorted(person.role.value for person in STAFF) == [
        "administrator",
        "clerk",
        "clerk",
        "manager",
        "supervisor",
        "supervisor",
    ]
    assert sum(Right.APPROVE in RIGHTS[person.role] for person in STAFF) == 2
    assert STAFF[0].role is Role.CLERK


def test_the_pins_of_the_demo_are_such_as_the_program_accepts() -> None:
    assert len({person.pin for person in STAFF}) == 6
    for pin in (*(person.pin for person in STAFF), MEMBER_PIN):
        assert checked_pin(pin) == pin


def test_three_desks_share_out_the_stock_of_every_gift() -> None:
    assert [desk.number for desk in DESKS] == [1, 2, 3]
    assert all(len(gift.stock) == len(DESKS) for gift in GIFTS)
    assert any(0 in gift.stock and sum(gift.stock) for gift in GIFTS)  # "two at desk 1" is worth showing


def test_gifts_range_from_everyday_to_those_that_a_supervisor_approves() -> None:
    policy = Policy()
    assert len(GIFTS) == len({gift.gift for gift in GIFTS}) == len({gift.name for gift in GIFTS}) == 24
    assert min(gift.points for gift in GIFTS) <= 300
    assert any(gift.points > policy.redeem_approval_points for gift in GIFTS)
    assert any(
        gift.value_fen > policy.redeem_approval_gift_fen and gift.points <= policy.redeem_approval_points
        for gift in GIFTS
    )
    assert all(0 < gift.value_fen <= gift.points * 10 for gift in GIFTS)  # a point is never worth more than a jiao


def test_the_mall_and_its_cards_pass_the_checks_of_first_start() -> None:
    assert clean(MALL_NAME, field="mall", longest=40) == MALL_NAME
    assert checked_prefix(CARD_PREFIX) == CARD_PREFIX
