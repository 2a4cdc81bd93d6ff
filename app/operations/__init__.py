"""One file per verb. `VERBS` lists them: the only place where a name from outside becomes an operation."""

from app.operations.add_partner import AddPartner
from app.operations.adjust_points import AdjustPoints
from app.operations.assign_task import AssignTask
from app.operations.base import Operation
from app.operations.begin_feed import BeginFeed
from app.operations.change_machines import ChangeMachines
from app.operations.close_day import CloseDay
from app.operations.close_staff import CloseStaff
from app.operations.confirm_clock import ConfirmClock
from app.operations.count_wrong_pin import CountWrongPin
from app.operations.credit_sale import CreditSale
from app.operations.end_approval_card import EndApprovalCard
from app.operations.end_lease import EndLease
from app.operations.end_request import EndRequest
from app.operations.enrol_desk import EnrolDesk
from app.operations.enrol_member import EnrolMember
from app.operations.expire_points import ExpirePoints
from app.operations.export_card_numbers import ExportCardNumbers
from app.operations.forget_wrong_pins import ForgetWrongPins
from app.operations.give_approval_card import GiveApprovalCard
from app.operations.grant_card_block import GrantCardBlock
from app.operations.grant_request import GrantRequest
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.issue_card import IssueCard
from app.operations.lease_points import LeasePoints
from app.operations.lift_lockout import LiftLockout
from app.operations.open_drawer import OpenDrawer
from app.operations.open_enrolment import OpenEnrolment
from app.operations.post_guest_redemption import PostGuestRedemption
from app.operations.present_member_code import PresentMemberCode
from app.operations.print_card_face import PrintCardFace
from app.operations.print_report import PrintReport
from app.operations.print_statement import PrintStatement
from app.operations.raise_card_alert import RaiseCardAlert
from app.operations.receive_stock import ReceiveStock
from app.operations.record_lookup import RecordLookup
from app.operations.record_self_test import RecordSelfTest
from app.operations.redeem import Redeem
from app.operations.redeem_as_guest import RedeemAsGuest
from app.operations.reissue_card import ReissueCard
from app.operations.release_hold import ReleaseHold
from app.operations.reopen_staff import ReopenStaff
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.reprint_slip import ReprintSlip
from app.operations.resume_desk import ResumeDesk
from app.operations.retire_desk import RetireDesk
from app.operations.return_expired import ReturnExpired
from app.operations.return_lease import ReturnLease
from app.operations.reveal import Reveal
from app.operations.reverse import Reverse
from app.operations.set_member_pin import SetMemberPin
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.set_slip_lines import SetSlipLines
from app.operations.set_slip_logo import SetSlipLogo
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
from app.operations.settle_task import SettleTask
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.operations.suspend_desk import SuspendDesk
from app.operations.tell_shares import TellShares
from app.operations.void_card_batch import VoidCardBatch
from app.operations.void_card_number import VoidCardNumber

VERBS: dict[str, type[Operation]] = {
    kind.verb: kind
    for kind in (
        AddCardBatch,
        AddDesk,
        AddGift,
        AddPartner,
        AddShop,
        AddStaff,
        AdjustPoints,
        AssignTask,
        BeginFeed,
        ChangeMachines,
        ChangeSetting,
        CloseDay,
        CloseStaff,
        ConfirmClock,
        CountWrongPin,
        CreditSale,
        EndApprovalCard,
        EndLease,
        EndRequest,
        EnrolDesk,
        EnrolMember,
        ExpirePoints,
        ExportCardNumbers,
        ForgetWrongPins,
        GiveApprovalCard,
        GrantCardBlock,
        GrantRequest,
        HandOut,
        HoldPoints,
        ImportHistory,
        IssueCard,
        LeasePoints,
        LiftLockout,
        OpenDrawer,
        OpenEnrolment,
        OpenMall,
        PostGuestRedemption,
        PresentMemberCode,
        PrintCardFace,
        PrintReport,
        PrintStatement,
        RaiseCardAlert,
        ReceiveStock,
        RecordLookup,
        RecordSelfTest,
        Redeem,
        RedeemAsGuest,
        ReissueCard,
        ReleaseHold,
        ReopenStaff,
        ReplaceCard,
        ReportCardLost,
        ReportDeskLost,
        ReprintSlip,
        ResumeDesk,
        RetireDesk,
        ReturnExpired,
        ReturnLease,
        Reveal,
        Reverse,
        SetMemberPin,
        SetOfflineRules,
        SetSlipLines,
        SetSlipLogo,
        SetSlipText,
        SetStaffPin,
        SettleTask,
        SignIn,
        SignOut,
        SuspendDesk,
        TellShares,
        VoidCardBatch,
        VoidCardNumber,
    )
}
