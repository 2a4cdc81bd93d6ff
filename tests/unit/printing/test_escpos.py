"""The stream is judged by the simulated printer, which lists whatever a real one would answer with garbage, by
python-escpos where both make the same command, and by an independent reader of QR codes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from escpos.printer import Dummy
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.queries.slips import SlipLine
from devices.simulators.printer import PrinterModel
from printing.document import Code, Cut, Heading, Notice, Pair, Text, Title
from printing.documents.redemption import redemption_slip
from printing.layout import columns_of
from printing.renderers.escpos import encode, without_real_time_commands
from printing.renderers.paper_profile import ROLL_58, ROLL_80, PaperProfile
from tests.unit.printing.slips import a_slip

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
ROLL_80_OF_42 = PaperProfile(columns=42, dots=512)  # an Epson of 180 dots to the inch
profiles = pytest.mark.parametrize("profile", [ROLL_58, ROLL_80, ROLL_80_OF_42], ids=["58 mm", "80 mm", "42 columns"])
languages = pytest.mark.parametrize("language", ["zh_CN", "en"])
RARE = "李𬭚、龚䶮、㛃 ￥1,234.50"


def printed(segments: tuple[bytes, ...], profile: PaperProfile) -> PrinterModel:
    printer = PrinterModel(dots=profile.dots, native_qr=profile.native_qr, buffer_bytes=1_000_000)
    printer.feed(b"".join(segments))
    return printer


@profiles
@languages
def test_a_slip_is_a_correct_stream_and_says_all_it_should(profile: PaperProfile, language: str) -> None:
    printer = printed(encode(redemption_slip(a_slip(), language), profile), profile)
    assert printer.errors == []
    assert printer.drawer_kicks == []
    assert printer.cuts == (profile.cut != "none")
    assert {columns_of(line) for line in printer.lines if set(line) == {"-"}} == {profile.columns}
    text = printer.text()
    for wanted in ("星河湾购物中心", "欧阳*", "M00012345", "**** 0019", "10,145", "1002 周敏", "2026-11-22 17:39:30"):
        assert wanted in text
    assert all(columns_of(line) <= profile.columns for line in printer.lines)


@unhurried
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from([ROLL_58, ROLL_80]))
@example("张\x1bp\x00\x19\xfa三", "\x10\x14\x01\x00\x01", ROLL_80)
@example("\x1b@\x1dV\x00", "\x1c.\x1dI\x01\x04", ROLL_58)
@example(RARE, "\u202eevil\u200b", ROLL_58)
def test_nothing_that_a_member_typed_can_become_a_command(name: str, gift: str, profile: PaperProfile) -> None:
    slip = a_slip(member_name=name, mall_name=gift, staff=name, lines=(SlipLine(gift, 1, 100), SlipLine(name, 2, 200)))
    segments = encode(redemption_slip(slip, "zh_CN"), profile)
    printer = printed(segments, profile)
    assert printer.errors == []
    assert printer.drawer_kicks == []
    assert printer.cuts == (profile.cut != "none")
    assert printer.codes == (["R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT"] if profile.native_qr else [])
    stream = b"".join(segments)
    assert not any(command in stream for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14", b"\x1b\x40"))


@profiles
def test_each_segment_is_whole_commands_and_leaves_the_printer_as_it_was(profile: PaperProfile) -> None:
    slip = a_slip(member_name=RARE, copy=1, mall_name="A rather long name of a shopping centre")
    first, *others = encode(redemption_slip(slip, "zh_CN"), profile)
    for segment in others:
        printer = PrinterModel(dots=profile.dots, native_qr=profile.native_qr, buffer_bytes=1_000_000)
        printer.feed(first + segment + b"x\n")
        assert printer.errors == []
        assert printer.lines[-1] == "x"
        last = printer.text().splitlines()[-1]
        assert last == "x"  # left again, and of plain width


@profiles
@pytest.mark.parametrize("name", ["李𬭚", "龚䶮", "㛃", "São Tomé"])
def test_a_line_with_a_character_that_printers_lack_is_drawn(profile: PaperProfile, name: str) -> None:
    printer = printed(encode((Pair("会员", name), Pair("会员号", "M1")), profile), profile)
    assert printer.errors == []
    (picture,) = printer.pictures
    assert (picture.width_bytes * 8, picture.height_dots) == (profile.dots, 32)
    assert any(picture.rows)
    assert printer.lines == ["会员号" + "M1".rjust(profile.columns - 6)]


@profiles
def test_a_drawn_line_ends_where_the_printed_ones_do(profile: PaperProfile) -> None:
    (picture,) = printed(encode((Pair("会员", "李𬭚"),), profile), profile).pictures
    ink = Image.frombytes("1", (profile.dots, 32), bytes(picture.rows)).getbbox()
    assert ink is not None
    left, _, right, _ = ink
    assert left < 4
    assert 12 * profile.columns - 4 < right <= 12 * profile.columns


@unhurried
@given(st.binary(max_size=200))
@example(b"\x10\x10\x04\x10\x05\x10\x14")
def test_no_picture_holds_the_beginning_of_a_real_time_command(pixels: bytes) -> None:
    harmless = without_real_time_commands(pixels)
    assert not any(start in harmless for start in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    changed = [(old, new) for old, new in zip(pixels, harmless, strict=True) if old != new]
    assert all((old, new) == (0x10, 0x30) for old, new in changed)  # one pixel more, none lost


def test_large_letters_are_sized_for_both_kinds_of_firmware() -> None:
    stream = b"".join(encode((Title("星河"),), ROLL_80))
    assert b"\x1d\x21\x11\x1c\x21\x0c" + "星河".encode("gbk") + b"\n\x1d\x21\x00\x1c\x21\x00" in stream


def test_a_job_sets_every_mode_itself_and_never_resets_the_printer() -> None:
    """`1B 40` would end Automatic Status Back, through which the driver hears of paper end."""
    first = encode((Text("x"),), ROLL_80)[0]
    assert first.startswith(b"\x1c\x26\x1c\x53\x00\x00")
    for mode in (b"\x1b\x61\x00", b"\x1d\x21\x00\x1c\x21\x00", b"\x1b\x45\x00", b"\x1b\x32"):
        assert mode in first


def test_text_is_two_byte_gbk_and_nothing_else() -> None:
    segments = encode((Text("￥12.00 “金”——①"),), ROLL_80)
    assert segments[-1] == "￥12.00 “金”——①".encode("gbk") + b"\n"


def test_no_raster_strip_is_higher_than_128_rows() -> None:
    printer = printed(encode((Code("x" * 120),), ROLL_58), ROLL_58)
    assert len(printer.pictures) > 1
    assert max(picture.height_dots for picture in printer.pictures) <= 128


def test_without_a_cutter_the_slip_is_fed_to_the_tear_bar() -> None:
    assert encode((Cut(),), ROLL_58)[-1] == b"\x1b\x64\x04"
    assert encode((Cut(),), ROLL_80)[-1] == b"\x1d\x56\x42\x00"


@pytest.mark.parametrize(
    ("cut", "command"), [("partial", b"\x1b\x64\x05\x1d\x56\x01"), ("full", b"\x1b\x64\x05\x1d\x56\x00")]
)
def test_a_cutter_that_does_not_feed_is_fed_first(cut: str, command: bytes) -> None:
    assert encode((Cut(),), replace(ROLL_80, cut=cut))[-1] == command
    assert printed(encode((Text("x"), Cut()), replace(ROLL_80, cut=cut)), ROLL_80).errors == []


def test_two_byte_characters_outside_gbk_are_printed_where_the_printer_has_them_and_drawn_where_not() -> None:
    name = Text("龚䶮 €")
    assert encode((name,), replace(ROLL_80, beyond_gbk=True))[-1] == bytes.fromhex("B9A8 FE9F 20 A2E3 0A")
    assert b"\x1d\x76\x30" in encode((name,), ROLL_80)[-1]
    for rare in ("李𬭚", "㛃"):  # four bytes: no printer has them
        assert b"\x1d\x76\x30" in encode((Text(rare),), replace(ROLL_80, beyond_gbk=True))[-1]


def test_a_printer_without_a_size_of_its_own_for_hanzi_never_hears_of_it() -> None:
    segments = encode((Title("星河"), Heading("积分兑换"), Pair("会员", RARE)), replace(ROLL_80, hanzi_size=False))
    assert b"\x1c\x21" not in b"".join(segments)


def test_an_interrupted_strip_is_over_soon() -> None:
    """DEVICES.md 1.6: what is missing of it is filled up once a second, ten times: at 9600 baud that is 7 KB."""
    for segment in encode((Pair("会员", RARE), Code("x" * 120)), replace(ROLL_80, native_qr=False)):
        assert len(segment) <= 4096 + 8


def test_the_printers_own_code_is_asked_for_as_python_escpos_does() -> None:
    content = "R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT"
    judge = Dummy()
    judge.qr(content, ec=1, size=6, native=True)  # 1 is level M
    (_, segment) = encode((Code(content),), ROLL_80)

    def commands(stream: bytes) -> list[bytes]:
        found = []
        while (start := stream.find(b"\x1d\x28\x6b")) >= 0:
            end = start + 5 + int.from_bytes(stream[start + 3 : start + 5], "little")
            found.append(stream[start:end])
            stream = stream[end:]
        return found

    assert commands(segment) == commands(judge.output)


def test_a_reader_that_is_not_ours_reads_the_drawn_code() -> None:
    reader = pytest.importorskip("zxingcpp")
    content = "R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT"
    paper = printed(encode((Heading("积分兑换"), Code(content), Notice("重打 1")), ROLL_58), ROLL_58).image()
    assert [code.text for code in reader.read_barcodes(paper)] == [content]
