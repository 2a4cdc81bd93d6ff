"""One file per verb. `VERBS` lists them: the only place where a name from outside becomes an operation."""

from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.operations.count_wrong_pin import CountWrongPin
from app.operations.credit_sale import CreditSale
from app.operations.enrol_member import EnrolMember
from app.operations.expire_points import ExpirePoints
from app.operations.forget_wrong_pins import ForgetWrongPins
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.issue_card import IssueCard
from app.operations.lift_lockout import LiftLockout
from app.operations.print_statement import PrintStatement
from app.operations.receive_stock import ReceiveStock
from app.operations.redeem import Redeem
from app.operations.release_hold import ReleaseHold
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.reprint_slip import ReprintSlip
from app.operations.reveal import Reveal
from app.operations.reverse import Reverse
from app.operations.set_member_pin import SetMemberPin
from app.operations.set_slip_text import SetSlipText
from app.operations.set_staff_pin import SetStaffPin
from app.operations.set_up import (
    AddCardBatch,
    AddDesk,
    AddGift,
    AddShop,
    AddStaff,
    ChangeSetting,
    ImportHistory,
    OpenMall,
)
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut

VERBS: dict[str, type[Operation]] = {
    kind.verb: kind
    for kind in (
        AddCardBatch,
        AddDesk,
        AddGift,
        AddShop,
        AddStaff,
        AdjustPoints,
        ChangeSetting,
        CountWrongPin,
        CreditSale,
        EnrolMember,
        ExpirePoints,
        ForgetWrongPins,
        HandOut,
        HoldPoints,
        ImportHistory,
        IssueCard,
        LiftLockout,
        OpenMall,
        PrintStatement,
        ReceiveStock,
        Redeem,
        ReleaseHold,
        ReplaceCard,
        ReportCardLost,
        ReprintSlip,
        Reveal,
        Reverse,
        SetMemberPin,
        SetSlipText,
        SetStaffPin,
        SignIn,
        SignOut,
    )
}
