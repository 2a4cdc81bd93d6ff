"""What a new member agrees to, to be read and signed. A version of a text is never changed: it gets a successor."""

from __future__ import annotations

from typing import Final

from app.queries.slips import ConsentSlip
from printing.document import Document, Element, Pair, Rule, Signature, Space, Text
from printing.documents.parts import Labels, about_operation, bottom, top, words

_LABELS: Final[Labels] = {
    "title": ("会员个人信息处理同意书", "Consent to use of personal data"),
    "phone": ("手机号", "Phone"),
    "intro": (
        "本人自愿加入{mall}会员计划，确认已年满 18 周岁，已阅读并同意{mall}为下列目的处理本人的个人信息：",
        """I join the membership programme of {mall} of my own will, confirm that I am 18 or over, and agree that \
{mall} uses my personal data for these purposes:""",
    ),
    "declined": ("以下目的本人未同意：", "I did not agree to: "),
    "rights": (
        """本人可随时在服务台查询、更正、导出或删除个人信息，也可随时撤回对任何一项的同意；\
撤回不影响此前已进行的处理，撤回“会员服务”一项即为退会。未同意的项目不影响享受会员基本权益。""",
        """At the service desk I may at any time see, correct, take with me or delete my data, and withdraw any of \
these consents; what was done before stays lawful, and withdrawing the one for the membership ends it. Declining the \
others takes nothing from the benefits of a member.""",
    ),
    "version": ("（文本第 {version} 版）", " (text version {version})"),
    "name": ("姓名（正楷）", "Name in full"),
    "signature": ("本人签名", "Signature"),
    "date": ("签署日期", "Date"),
    "service": ("会员服务", "Membership"),
    "marketing": ("营销信息", "Marketing messages"),
    "profiling": ("消费分析", "Profiling"),
    "closing": ("一式两份，商场与会员各执一份", "One copy each: mall and member"),
}
_TEXTS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("service", "1"): (
        "使用姓名、手机号及消费、积分记录，用于建立会员账户、累计与兑换积分、核对身份及提供会员服务。",
        """Name, phone number, purchases and points are used to keep my account, to credit and redeem points, to make \
sure who I am, and to serve me as a member.""",
    ),
    ("marketing", "1"): (
        "使用手机号向本人发送优惠、活动及生日信息。",
        "My phone number is used to send me offers, events and birthday greetings.",
    ),
    ("profiling", "1"): (
        "分析本人的消费记录，以便推荐更合适的商户、商品与活动。",
        "My purchases are analysed to recommend shops, goods and events that suit me.",
    ),
}
_PURPOSES: Final = ("service", "marketing", "profiling")


def consent_form(slip: ConsentSlip, language: str) -> Document:
    word = words(_LABELS, language)
    column = 1 if language == "en" else 0
    agreed: list[Element] = []
    for number, (purpose, version) in enumerate(slip.purposes, 1):
        text = _TEXTS.get((purpose, version), ("", ""))[column]
        agreed.append(Text(f"{number}. {word(purpose)}{word('version').format(version=version)}", bold=True))
        agreed.append(Text(text))
    declined = [purpose for purpose in _PURPOSES if purpose not in {known for known, _ in slip.purposes}]
    separator = ", " if language == "en" else "、"
    refused: list[Element] = []
    if declined:
        refused = [Text(word("declined") + separator.join(word(purpose) for purpose in declined)), Space()]
    return (
        *top(slip, word),
        Pair(word("member"), slip.member_name),
        Pair(word("member_no"), slip.member_no),
        Pair(word("phone"), slip.phone),
        Rule(),
        Text(word("intro").format(mall=slip.mall_name)),
        Space(),
        *agreed,
        Space(),
        *refused,
        Text(word("rights")),
        Rule(),
        *about_operation(slip, word),
        Signature(word("name")),
        Signature(word("signature")),
        Signature(word("date")),
        *bottom(slip, word, code=False),
    )
