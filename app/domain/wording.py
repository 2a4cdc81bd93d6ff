"""Facts in words: how numbers, money, durations and the programme's own codes stand within a sentence.

A template has named places. `{points}` is shown as its name asks (`*_fen` as money, `seconds` as a duration, `right`,
`role` … as a word of the tables below); `{limit:money}` says it outright. `{left:try|tries}` chooses by number, the
singular first; with three choices the first is for none at all; `#` within a choice is the number. A part in `[…]` is
left out where one of its facts is missing. Nothing here raises: a sentence must come out whatever the facts are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from app.domain.errors import Fact
from app.domain.money import yuan
from app.domain.text import printable

Pair = tuple[str, str]  # zh_CN, en

LONGEST_FACT = 200
_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_PLACE = re.compile(r"\{([a-z_]+)(?::([^}]*))?\}")

# Roles, rights, states: what a person reads in place of a code.
ROLES: Final[Mapping[str, Pair]] = {
    "administrator": ("管理员", "administrator"),
    "clerk": ("柜员", "clerk"),
    "kiosk": ("自助机", "kiosk"),
    "manager": ("会员经理", "programme manager"),
    "supervisor": ("主管", "supervisor"),
    "system": ("系统", "system"),
}
RIGHTS: Final[Mapping[str, Pair]] = {
    "adjust": ("调整积分", "adjust points"),
    "approve": ("批准操作", "approve"),
    "card_stock": ("管理卡号批次", "keep card stock"),
    "cards": ("办理会员卡", "handle cards"),
    "credit": ("小票积分", "credit sales"),
    "desks": ("管理服务台", "manage desks"),
    "enrol": ("办理入会", "enrol members"),
    "expire": ("清理过期积分", "expire points"),
    "gifts": ("管理礼品", "manage gifts"),
    "hand_out": ("发放礼品", "hand out gifts"),
    "import": ("导入历史数据", "import history"),
    "look_up": ("查询会员", "look up members"),
    "receive_stock": ("礼品入库", "receive stock"),
    "redeem": ("兑换礼品", "redeem points"),
    "reports": ("查看报表", "see reports"),
    "reveal": ("查看完整个人信息", "reveal personal data"),
    "reverse": ("撤销操作", "reverse operations"),
    "rules": ("修改规则", "change the rules"),
    "staff": ("管理员工", "manage staff"),
}
DEVICES: Final[Mapping[str, Pair]] = {
    "dispenser": ("发卡机", "card dispenser"),
    "display": ("客显屏", "customer display"),
    "encoder": ("写卡器", "card encoder"),
    "printer": ("打印机", "printer"),
    "reader": ("读卡器", "reader"),
}
STATES: Final[Mapping[str, Pair]] = {
    "active": ("正常", "active"),
    "closed": ("已注销", "closed"),
    "frozen": ("已冻结", "frozen"),
    "in_stock": ("未发放", "in stock"),
    "issued": ("使用中", "in use"),
    "lost": ("已挂失", "reported lost"),
    "pending": ("待激活", "pending"),
    "replaced": ("已换新卡", "replaced"),
    "void": ("已作废", "void"),
}
DESK_STATES: Final[Mapping[str, Pair]] = {
    "active": ("正常", "in use"),
    "suspended": ("已停用", "suspended"),
    "retired": ("已注销", "retired"),
    "lost": ("已报失", "reported lost"),
}
VERBS: Final[Mapping[str, Pair]] = {
    "add_card_batch": ("添加卡号批次", "adding a card batch"),
    "add_desk": ("添加服务台", "adding a desk"),
    "add_gift": ("添加礼品", "adding a gift"),
    "add_partner": ("添加集团商场", "adding a mall of the group"),
    "add_shop": ("添加店铺", "adding a shop"),
    "add_staff": ("添加员工", "adding staff"),
    "adjust_points": ("积分调整", "a points adjustment"),
    "assign_task": ("交接待办", "handing over a task"),
    "begin_feed": ("中心数据恢复", "putting the hub back"),
    "change_machines": ("更改设备", "a change of machines"),
    "change_setting": ("修改设置", "a change of settings"),
    "close_day": ("日报结账", "closing a day"),
    "close_staff": ("停用员工账号", "closing a staff account"),
    "confirm_clock": ("时钟已与中心核对", "clock confirmed by the hub"),
    "count_wrong_pin": ("PIN 错误记录", "a wrong PIN on record"),
    "export_card_numbers": ("导出卡号", "an export of card numbers"),
    "forget_wrong_pins": ("PIN 错误清零", "wrong PINs forgotten"),
    "credit_sale": ("小票积分", "a sale credit"),
    "end_request": ("结束联机申请", "ending a request"),
    "enrol_desk": ("服务台接入中心", "enrolling a desk"),
    "enrol_member": ("入会", "an enrolment"),
    "expire_points": ("积分过期", "an expiry of points"),
    "grant_card_block": ("补充卡号", "giving a desk more card numbers"),
    "grant_request": ("批准联机申请", "granting a request"),
    "hand_out": ("礼品发放", "a hand-out"),
    "hold_points": ("积分冻结", "a hold on points"),
    "import_history": ("历史导入", "an import"),
    "issue_card": ("发卡", "issuing a card"),
    "end_approval_card": ("停用批准卡", "ending an approval card"),
    "give_approval_card": ("发放批准卡", "giving an approval card"),
    "end_lease": ("收回预留积分", "ending what was set aside"),
    "lease_points": ("为本台预留积分", "setting points aside"),
    "lift_lockout": ("解除锁定", "lifting a lockout"),
    "open_drawer": ("开钱箱", "opening the drawer"),
    "open_enrolment": ("生成接入码", "making an enrolment code"),
    "open_mall": ("开通商场", "opening the mall"),
    "post_guest_redemption": ("在外店兑换", "a redemption at another mall"),
    "present_member_code": ("出示会员码", "showing the member code"),
    "print_report": ("打印报表", "printing a report"),
    "print_card_face": ("打印卡面", "printing a card"),
    "print_statement": ("打印对账单", "printing a statement"),
    "raise_card_alert": ("可疑卡提醒", "a card that looks copied"),
    "receive_stock": ("礼品入库", "a stock receipt"),
    "record_lookup": ("联机查询会员", "a look-up at the hub"),
    "record_self_test": ("班前自检", "a self-test"),
    "redeem": ("兑换", "a redemption"),
    "redeem_as_guest": ("外店会员兑换", "a redemption by a guest"),
    "reissue_card": ("重写会员卡", "writing a card anew"),
    "release_hold": ("积分解冻", "releasing a hold"),
    "reopen_staff": ("恢复员工账号", "reopening a staff account"),
    "replace_card": ("换卡", "replacing a card"),
    "report_card_lost": ("挂失", "a loss report"),
    "report_desk_lost": ("服务台报失", "reporting a desk lost"),
    "reprint_slip": ("打印单据", "printing a slip"),
    "resume_desk": ("恢复服务台", "resuming a desk"),
    "retire_desk": ("注销服务台", "retiring a desk"),
    "return_expired": ("过期积分退回", "a return of expired points"),
    "return_lease": ("退还预留积分", "returning what was set aside"),
    "reveal": ("查看个人信息", "revealing personal data"),
    "reverse": ("撤销", "a reversal"),
    "set_member_pin": ("设置会员 PIN", "setting a member's PIN"),
    "set_offline_rules": ("修改离线规则", "a change of the offline rules"),
    "set_slip_lines": ("修改单据内容", "a change of the lines on slips"),
    "set_slip_logo": ("更换单据标志", "a change of the logo on slips"),
    "set_slip_text": ("修改单据文字", "a change of the text on slips"),
    "set_staff_pin": ("设置员工 PIN", "setting a staff PIN"),
    "settle_task": ("处理待办", "settling a task"),
    "sign_in": ("登录", "signing in"),
    "sign_out": ("退出登录", "signing out"),
    "suspend_desk": ("停用服务台", "suspending a desk"),
    "tell_shares": ("分配断网额度", "sharing out points for desks that are cut off"),
    "void_card_batch": ("作废卡号批次", "voiding a card batch"),
    "void_card_number": ("作废卡号", "voiding a card number"),
}
FIELDS: Final[Mapping[str, Pair]] = {
    "amount_fen": ("金额", "amount"),
    "args": ("参数", "args"),
    "baudrate": ("波特率", "speed"),
    "birthday": ("生日", "birthday"),
    "body": ("内容", "body"),
    "change": ("调整积分", "change"),
    "columns": ("每行字符数", "characters a line"),
    "completion": ("打印完成的确认方式", "how it proves that it has printed"),
    "consents": ("同意事项", "consents"),
    "count": ("数量", "count"),
    "coupon_shops": ("适用店铺", "shops where the coupon counts"),
    "coupon_terms": ("使用说明", "terms of the coupon"),
    "cut": ("切刀", "cutter"),
    "contact_timeout_s": ("等待中心的时间（秒）", "contact time-out, in seconds"),
    "credit_per_day": ("每台每天积分", "points credited a day and desk"),
    "delivery_note": ("送货单号", "delivery note"),
    "desk": ("服务台名称", "desk"),
    "licence_s": ("许可有效时间（秒）", "life of a licence, in seconds"),
    "newest_copy_s": ("本机数据最长多久（秒）", "oldest copy, in seconds"),
    "per_desk": ("每台离线兑换", "offline points a desk"),
    "per_member": ("每台每位会员离线兑换", "offline points a member and desk"),
    "per_redemption": ("每笔离线兑换", "offline points a redemption"),
    "dots": ("横向点数", "dots across"),
    "drawer_pin": ("钱箱引脚", "drawer's pin"),
    "field": ("信息项", "field"),
    "flow": ("流控", "flow control"),
    "first_serial": ("起始序号", "first serial"),
    "gender": ("性别", "gender"),
    "gift": ("礼品名称", "gift"),
    "kind": ("类型", "kind"),
    "label": ("批次名称", "label"),
    "lines": ("明细", "lines"),
    "mall": ("商场名称", "mall name"),
    "member": ("会员", "member"),
    "name": ("姓名", "name"),
    "note": ("备注", "note"),
    "number": ("号码", "number"),
    "person": ("会员资料", "person"),
    "phone": ("手机号", "phone"),
    "pin": ("PIN", "PIN"),
    "points": ("积分", "points"),
    "points_each": ("单件积分", "points each"),
    "printer_kind": ("型号名称", "name of the kind"),
    "proxy": ("代领人", "collected by"),
    "quantity": ("数量", "quantity"),
    "reason": ("原因", "reason"),
    "redemption": ("兑换记录", "redemption"),
    "reverses": ("被撤销的操作", "operation to reverse"),
    "session": ("登录会话", "session"),
    "shop": ("店铺名称", "shop"),
    "slip_text": ("单据文字", "text on slips"),
    "slip_number": ("小票号", "slip number"),
    "sold_at": ("消费时间", "time of sale"),
    "source": ("来源", "source"),
    "staff": ("工号", "staff number"),
    "text": ("查找内容", "text"),
}
SETTINGS: Final[Mapping[str, Pair]] = {
    "adjust_cap_points": ("每日调整上限", "daily cap on adjustments"),
    "credit_approval_days": ("补录小票须批准的天数", "age of slips that need approval"),
    "credit_approval_fen": ("大额小票须批准的金额", "amount of slips that need approval"),
    "expiring_soon_days": ("即将过期提醒天数", "warning before points expire"),
    "lookups_per_day": ("每台每日联机查看的会员数", "members shown in full to a desk a day"),
    "member_pin_points": ("须会员输入 PIN 的积分", "points above which the member's PIN is asked"),
    "points_live_months": ("积分有效期（月）", "months that points live"),
    "points_per_yuan": ("每元积分", "points per yuan"),
    "redeem_approval_gift_fen": ("贵重礼品须批准的价值", "value of gifts that need approval"),
    "redeem_approval_points": ("兑换须批准的积分", "points above which a redemption needs approval"),
    "returned_points_live_days": ("退回积分的有效天数", "days that returned points live"),
    "reveal_seconds": ("完整信息显示时间", "seconds that personal data is shown"),
    "desk_copy_days": ("服务台保留完整资料的天数", "days that a desk holds members in full"),
    "desk_copy_everybody": ("服务台保存全体会员摘要", "digest of all members at desks"),
    "offline_approval_card": ("断网时须刷批准卡", "approval card when cut off"),
    "reveals_per_day": ("每日查看次数", "reveals per day"),
    "tier_gold_fen": ("黄金会员门槛", "spending for gold"),
    "tier_platinum_fen": ("铂金会员门槛", "spending for platinum"),
    "tier_silver_fen": ("白银会员门槛", "spending for silver"),
    "undo_minutes": ("可自行撤销的时间", "minutes for undoing one's own"),
}
_TABLES: Final[Mapping[str, Mapping[str, Pair]]] = {
    "desk_state": DESK_STATES,
    "device": DEVICES,
    "right": RIGHTS,
    "role": ROLES,
    "setting": SETTINGS,
    "state": STATES,
    "verb": VERBS,
}
# What the validator of requests says, for people who read Chinese.
_PROBLEMS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"Field required", "缺少此项"),
        (r"Extra inputs are not permitted|Unexpected keyword argument", "没有这一项"),
        (r"Input should be a valid integer.*", "应为整数"),
        (r"Input should be a valid string.*", "应为文字"),
        (r"Input should be a valid boolean.*", "应为 true 或 false"),
        (r"Input should be a valid array.*", "应为列表"),
        (r"Input should be (?:an object|a valid dict).*", "应为对象"),
        (r"Input should be a valid UUID.*", "应为 UUID"),
        (r"Input should be a valid datetime.*", "应为日期时间"),
        (r"Input should be a valid date.*", "应为日期（YYYY-MM-DD）"),
        (r"Input should be greater than or equal to (.+)", r"不能小于 \1"),
        (r"Input should be less than or equal to (.+)", r"不能大于 \1"),
        (r"Input should be '.*", "不在可选值之内"),
        (r"\w+ should have at least (\d+) .*", r"至少 \1 个"),
        (r"\w+ should have at most (\d+) .*", r"最多 \1 个"),
        (r"Invalid JSON.*", "不是有效的 JSON"),
    )
)


def filled(template: str, facts: Mapping[str, Fact], language: str) -> str:
    """`template` with `facts` in their places. Never raises."""

    def part(match: re.Match[str]) -> str:
        whole = match[1]
        known = all(facts.get(place[1]) not in (None, "") for place in _PLACE.finditer(whole))
        return whole if known else ""

    return _PLACE.sub(
        lambda place: _shown(place[1], place[2], facts.get(place[1]), language), _OPTIONAL.sub(part, template)
    )


def _shown(name: str, form: str | None, value: Fact, language: str) -> str:
    if form is not None and "|" in form:
        return _chosen(form.split("|"), value)
    kind = form or _kind_of(name)
    if value is None:
        return "…"
    if isinstance(value, int) and not isinstance(value, bool):
        if kind == "money":
            return yuan(value).removesuffix(".00")
        return duration(value, language) if kind == "duration" else f"{value:,}"
    text = printable(str(value))[:LONGEST_FACT]
    chinese = is_chinese(language)
    if kind == "field":
        return _field(text, chinese)
    if kind == "pieces":
        return "、".join(f"{part} 件" for part in text.split(", ")) if chinese else text
    if kind == "problem" and chinese:
        return next((match.expand(said) for how, said in _PROBLEMS if (match := how.fullmatch(text))), text)
    words = _TABLES.get(kind, {}).get(text)
    return words[0 if chinese else 1] if words else text


def _kind_of(name: str) -> str:
    if name.endswith("_fen"):
        return "money"
    return {"seconds": "duration", "elsewhere": "pieces"}.get(name, name)


def _chosen(choices: list[str], value: Fact) -> str:
    number = value if isinstance(value, int) else None
    if len(choices) == 2:
        choices = [choices[1], *choices]
    choice = choices[min(2, max(0, number or 0))]
    return choice.replace("#", f"{number:,}" if number is not None else "…")


def _field(path: str, chinese: bool) -> str:
    """ "lines.0.quantity" → "明细 1 数量"; a name that is in no table stays as it is."""
    parts = []
    for part in path.split("."):
        if part.isascii() and part.isdigit() and len(part) < 6:
            parts.append(str(int(part) + 1))
        else:
            words = FIELDS.get(part)
            parts.append(words[0 if chinese else 1] if words else part)
    return " ".join(parts)


def verb_alone(verb: str, language: str) -> str:
    """What a verb is called in a list, without the article that it has within a sentence."""
    chinese, english = VERBS.get(verb, (verb, verb))
    alone = english.removeprefix("a ").removeprefix("an ")
    return chinese if is_chinese(language) else alone[:1].upper() + alone[1:]


def duration(seconds: int, language: str) -> str:
    """80 → "1 分 20 秒", "1 min 20 s"; 3600 → "1 小时", "1 h"."""
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, left = divmod(rest, 60)
    units = ("小时", "分" if left else "分钟", "秒") if is_chinese(language) else ("h", "min", "s")
    shown = [f"{n} {unit}" for n, unit in zip((hours, minutes, left), units, strict=True) if n]
    return " ".join(shown) or f"0 {units[2]}"


def is_chinese(language: str) -> bool:
    return language.startswith("zh")
