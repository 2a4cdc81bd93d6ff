"""Every widget as a picture, light and dark: `python -m ui.theme.gallery --out DIR`, for whoever changes them."""

from __future__ import annotations

import argparse
from pathlib import Path

from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui import widgets as w
from ui.theme import ICONS, Space, theme

FONTS = Path(__file__).resolve().parents[2] / "printing" / "fonts"
GiftRow = tuple[str, str, int]


def build() -> QWidget:
    page = QWidget()
    page.setAutoFillBackground(True)
    grid = QGridLayout(page)
    grid.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
    grid.setSpacing(Space.L)
    parts = (_buttons(), _fields(), _member(), _timeline(), _choices(), _states(), _pin(), _icons(), _table())
    for at, part in enumerate(parts):
        grid.addWidget(part, at // 3, at % 3)
    return page


def _buttons() -> w.Card:
    card = w.Card("按钮 Buttons")
    disabled = (w.Button("兑换", "primary", key="Enter"), w.Button("补积分"), w.Button("返回", "quiet"))
    for button in disabled:
        button.setEnabled(False)
    for row in (
        (w.Button("兑换", "primary", key="Enter"), w.Button("补积分", key="F4", icon="slip")),
        (w.Button("返回", "quiet", key="Esc"), w.Button("冲正", "danger", key="F10"), w.IconButton("close", "关闭")),
        disabled,
        (w.KeyHint("Ctrl+K", "任何命令"), w.KeyHint("F1", "帮助")),
        tuple(
            w.Chip(t, tone)
            for t, tone in (("青铜", "bronze"), ("白银", "silver"), ("黄金会员", "gold"), ("铂金", "platinum"))
        ),
        tuple(
            w.Chip(t, tone)
            for t, tone in (
                ("在库", "neutral"),
                ("就绪", "success"),
                ("缺纸", "warning"),
                ("挂失", "danger"),
                ("新", "info"),
            )
        ),
    ):
        line = QHBoxLayout()
        for part in row:
            line.addWidget(part)
        line.addStretch(1)
        card.body.addLayout(line)
    card.body.addStretch(1)
    return card


def _fields() -> w.Card:
    card = w.Card("输入 Fields")
    card.body.addWidget(w.SearchField("刷卡 / 手机号 / 姓名 / 拼音 / 小票号 …"))
    phone = w.TextField("手机号")
    phone.set_value("1381234")
    phone.set_problem("手机号应为 11 位数字，现在是 7 位。")
    card.body.addWidget(w.TextField("姓名", "与证件一致", placeholder="例如：欧阳雪"))
    card.body.addWidget(phone)
    card.body.addWidget(w.SelectField("纸宽", (("58", "58 毫米"), ("80", "80 毫米"))))
    card.body.addStretch(1)
    return card


def _member() -> w.Card:
    card = w.Card()
    top = QHBoxLayout()
    top.setSpacing(Space.M)
    top.addWidget(w.Avatar("欧阳"))
    who = QVBoxLayout()
    who.setSpacing(0)
    who.addWidget(w.Text("欧阳*", "title"))
    who.addWidget(w.Text("138****1234", "small", tone="muted"))
    top.addLayout(who, 1)
    top.addWidget(w.Chip("黄金会员", "gold"))
    card.body.addLayout(top)
    card.body.addWidget(w.Meter(0.84))
    stats = QHBoxLayout()
    stats.addWidget(w.Stat("可用积分", "12,480", "即将到期 300（12-31）", role="display"))
    stats.addWidget(w.Stat("储值", "¥200.00"))
    card.body.addLayout(stats)
    card.body.addWidget(w.BeforeAfter("积分", 12480, 9080))
    card.body.addWidget(w.BeforeAfter("库存", 12, 11, unit="件"))
    card.body.addStretch(1)
    return card


def _timeline() -> w.Card:
    card = w.Card("最近")
    card.body.setSpacing(0)
    card.body.addWidget(w.TimelineRow("11-20", "优衣库", "+398", detail="小票 0012345", tone="success", first=True))
    card.body.addWidget(w.TimelineRow("11-05", "会员日 双倍积分", "+1,200", icon="points", tone="success"))
    card.body.addWidget(w.TimelineRow("11-01", "兑换 保温杯", "−3,000", icon="gift"))
    card.body.addWidget(w.TimelineRow("10-28", "补卡", icon="card", muted=True, last=True))
    row = w.ListRow("王小明", "138****1234 · 黄金", trailing="12,480", leading=w.Avatar("王", size=36), key="1")
    row.set_selected(True)
    card.body.addWidget(row)
    card.body.addWidget(w.ListRow("停车 2 小时", "柜台库存充足", trailing="400", icon="gift"))
    card.body.addStretch(1)
    return card


def _choices() -> w.Card:
    card = w.Card("选择 Choices")
    card.body.addWidget(w.SegmentedControl((("light", "浅色"), ("dark", "深色")), "light"))
    card.body.addWidget(w.CheckBox("已满 18 周岁", True))
    card.body.addWidget(w.CheckBox("同意接收活动短信"))
    card.body.addWidget(w.Switch("自动锁定", True))
    card.body.addWidget(w.Switch("大字"))
    card.body.addWidget(w.Stepper(2, name="数量"))
    tiles = QHBoxLayout()
    tiles.addWidget(w.Tile("张丽", "柜员", leading=w.Avatar("张")))
    tiles.addWidget(w.Tile("欧阳雪", "主管", leading=w.Avatar("欧阳")))
    card.body.addLayout(tiles)
    card.body.addStretch(1)
    return card


def _states() -> w.Card:
    card = w.Card()
    card.body.addWidget(w.Banner("网络已断开，柜台照常工作：兑换、补积分都会稍后上传。", "info"))
    card.body.addWidget(w.Banner("打印机缺纸，小票在等待。", "warning", action="查看"))
    card.body.addWidget(w.Banner("还差 200 积分。", "danger", dismissable=True))
    card.body.addWidget(w.Banner("已兑换，小票已打印。", "success"))
    card.body.addWidget(w.EmptyState("card", "请刷卡", "或输入手机号、姓名、拼音", action=w.Button("新会员", key="F3")))
    return card


def _pin() -> w.Card:
    card = w.Card("PIN")
    pin = w.PinField()
    pin.type_digit("1")
    pin.type_digit("2")
    pin.set_problem("PIN 不对，还可以试 3 次。")
    card.body.addWidget(pin)
    return card


def _icons() -> w.Card:
    card = w.Card("图标 Icons")
    grid = QGridLayout()
    grid.setSpacing(Space.M)
    for at, name in enumerate(ICONS):
        grid.addWidget(w.Icon(name, tone="text"), at // 10, at % 10)
    card.body.addLayout(grid)
    card.body.addStretch(1)
    return card


def _table() -> w.DataTable:
    columns: tuple[w.Column[GiftRow], ...] = (
        w.Column("name", lambda: "礼品", lambda r: r[0], width=150),
        w.Column("desk", lambda: "服务台", lambda r: r[1], width=110),
        w.Column("left", lambda: "库存", lambda r: str(r[2]), sort_by=lambda r: r[2], right=True, width=90),
    )
    rows: list[GiftRow] = [
        ("保温杯", "1 号", 12),
        ("雨伞", "2 号", 3),
        ("停车 2 小时", "全部", 999),
        ("抱枕", "3 号", 0),
    ]
    table = w.DataTable("gallery")
    table.show_model(w.RowsModel(columns, rows))
    table.sort_by(2)
    table.selectRow(1)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    theme().motion = False
    for name in ("light", "dark"):
        theme().apply(app, name, font_folder=FONTS)
        page = build()
        page.resize(1500, 1480)
        page.show()
        app.processEvents()
        page.grab().save(str(out / f"widgets-{name}.png"))
        host = QWidget()
        host.setAutoFillBackground(True)
        host.resize(900, 640)
        host.show()
        panel = w.ConfirmPanel(
            host,
            "兑换 2 件礼品？",
            text="会员输入 PIN 后生效，小票打印 1 张。",
            lines=(("会员", "欧阳* · 138****1234"), ("积分", "12,480 → 9,080"), ("打印", "兑换小票 80 mm")),
            confirm="兑换",
        )
        panel.open()
        w.Toast(host, "已兑换 3,400 积分", "success", action="撤销", act=lambda: None).come()
        app.processEvents()
        host.grab().save(str(out / f"confirm-{name}.png"))


if __name__ == "__main__":
    main()
