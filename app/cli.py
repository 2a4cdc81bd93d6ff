"""The command line. Each command opens what it needs and nothing more, so that `memberdesk --help` is quick."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.domain.errors import Refused, Unavailable
from app.settings import HOME_VARIABLE, Home

if TYPE_CHECKING:
    from app.composition.desk import Desk
    from app.composition.following import Link
    from devices.simulators.network import Listen

app = typer.Typer(
    name="memberdesk",
    help="会员服务台 · the member-service counter of a shopping mall.",
    invoke_without_command=True,
    no_args_is_help=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)
data = typer.Typer(help="Invented data.", rich_markup_mode=None)
app.add_typer(data, name="data")
devices = typer.Typer(help="The serial ports of this machine, and what goes over them.", rich_markup_mode=None)
app.add_typer(devices, name="devices")

group = typer.Typer(help="This mall among the others of its group.", rich_markup_mode=None)
app.add_typer(group, name="group")

sync = typer.Typer(help="This desk and its hub.", rich_markup_mode=None)
app.add_typer(sync, name="sync")

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", envvar=HOME_VARIABLE, help="folder of this desk: settings, store, keys, backups"),
]
StoreOption = Annotated[str, typer.Option("--store", help="PostgreSQL URL; without it, an encrypted file in the home")]
SeedOption = Annotated[int, typer.Option("--seed", help="the same seed makes the same people and sales")]
LinkOption = Annotated[Path | None, typer.Option("--link", help="the serial port will appear under this path")]
ListenOption = Annotated[
    str,
    typer.Option(
        "--listen", help="HOST:PORT for RFC 2217 with modem lines, socket://HOST:PORT for plain TCP, instead of a path"
    ),
]


def _home(folder: Path | None, *, store: str = "", desk: str = "") -> Home:
    """The desk's folder: the one that was named, or, where only a store was named, one that belongs to that store, so
    that several desks of one machine keep apart."""
    if folder is not None:
        return Home(folder.expanduser().resolve())
    if store:
        from app.settings import home_of_store

        return home_of_store(store, desk)
    return Home.default()


@contextmanager
def _sentences() -> Iterator[None]:
    """A refusal or a missing part of the world is one sentence on stderr, in both languages, and exit code 2."""
    try:
        yield
    except (Refused, Unavailable) as problem:
        from app.domain.sentences import sentence

        for language in ("zh_CN", "en"):
            typer.echo(sentence(problem.code, problem.facts, language), err=True)
        raise typer.Exit(2) from None


@contextmanager
def _progress(doing: str) -> Iterator[Any]:
    """A bar on a terminal, nothing where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} / {task.total:,.0f}"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(doing, total=1)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@app.callback(invoke_without_command=True)
def run(context: typer.Context, home: HomeOption = None) -> None:
    """Open this desk's window; on the first start, ask what it needs to know."""
    if context.invoked_subcommand is not None:
        return
    with _sentences():
        gc.disable()  # loading makes no rubbish; the window has its own collector (ui.rubbish)
        from app.composition.window import run_desk

        raise typer.Exit(run_desk(_home(home)))


@app.command()
def demo(
    home: HomeOption = None,
    members: Annotated[
        int | None, typer.Option(help="how many members the invented mall has: 20,000, with --hub 2,000")
    ] = None,
    seed: SeedOption = 1,
    tour: Annotated[
        bool, typer.Option("--tour", help="play the guided tour offscreen instead of opening a window")
    ] = False,
    out: Annotated[Path, typer.Option(help="where the tour puts pictures, printed bytes and tour.json")] = Path(
        "demo-out"
    ),
    hub: Annotated[
        bool, typer.Option("--hub", help="a desk of a hub, with a switch that cuts the network; all of it thrown away")
    ] = False,
    database: Annotated[  # not from the environment: there stands a real hub's
        str, typer.Option(help="with --hub: an empty PostgreSQL database instead of a server of its own")
    ] = "",
) -> None:
    """A living mall to play in, its reader and printer simulated; without a display, the guided tour."""
    with _sentences():
        from devices.simulators.pty import check_possible

        check_possible()  # before a mall is made for nothing
        if hub:
            raise typer.Exit(_demo_with_hub(members, seed, database, out if tour or not _has_display() else None))
        from app.composition.demo import demo_desk

        members = members or 20_000
        folder = _home(home) if home else Home(Path("demo-store").resolve())
        with _progress(f"星河汇购物中心 · {members:,} members") as progress:
            desk = demo_desk(folder, members=members, seed=seed, today=_today(), progress=progress)
        if tour or not _has_display():
            from app.composition.tour import play

            raise typer.Exit(play(desk, out))
        from app.composition.window import run_demo

        desk.close()
        raise typer.Exit(run_demo(folder))


def _demo_with_hub(members: int | None, seed: int, database: str, tour: Path | None) -> int:
    from app.composition.demo_hub import MEMBERS, demo_with_hub

    for number in (signal.SIGTERM, signal.SIGHUP):  # a terminal that is closed leaves no hub behind either
        signal.signal(number, signal.default_int_handler)
    members = members or MEMBERS
    with ExitStack() as stack:
        with _progress(f"星河汇购物中心 · {members:,} members") as progress:
            made = stack.enter_context(
                demo_with_hub(members=members, seed=seed, today=_today(), database=database, progress=progress)
            )
        if tour is not None:
            from app.composition.tour_cut_off import play_cut_off

            return play_cut_off(made, tour)
        from app.composition.window import run_demo

        return run_demo(made.home, line=made, cards=made.cards)


def _today() -> date:
    from app.domain.calendar import business_day

    return business_day(datetime.now(UTC))


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@app.command()
def init(
    mall: Annotated[str, typer.Option(help="name of the mall, as it stands on slips")] = "",
    desk_name: Annotated[str, typer.Option(help="name of this desk")] = "",
    administrator: Annotated[str, typer.Option(help="administrator's name")] = "",
    home: HomeOption = None,
    store: StoreOption = "",
    mall_id: Annotated[str, typer.Option(help="short code of the mall")] = "M01",
    desk: Annotated[str, typer.Option(help="short code of this desk")] = "D1",
    desk_number: Annotated[int, typer.Option(min=1, max=99, help="part of the member numbers it gives out")] = 1,
    staff: Annotated[str, typer.Option(help="administrator's staff number")] = "9001",
    pin: Annotated[
        str,
        typer.Option(
            envvar="MEMBERDESK_PIN",
            help="administrator's PIN (better from the environment)",
        ),
    ] = "",
    printer: Annotated[str, typer.Option(help="printer's URL, e.g. /dev/ttyUSB0, COM3, socket://host:9100")] = "",
    paper: Annotated[int, typer.Option(help="paper width in mm: 58 or 80")] = 80,
    reader: Annotated[str, typer.Option(help="card reader's URL")] = "",
    card_prefix: Annotated[str, typer.Option(help="first four digits of the mall's card numbers")] = "9900",
    zone: Annotated[str, typer.Option(help="time zone of the mall, e.g. Asia/Urumqi; the computer's without it")] = "",
    hub: Annotated[str, typer.Option(help="become a desk of this hub: its URL; needs --code and nothing else")] = "",
    code: Annotated[str, typer.Option(help="enrolment code from the administrator; counts once, for ten minutes")] = "",
    ca: Annotated[Path | None, typer.Option(help="certificate of the hub or of its authority, a PEM file")] = None,
    fingerprint: Annotated[
        str, typer.Option(help="SHA-256 of the hub's certificate, as the hub says it when it starts; instead of --ca")
    ] = "",
    client_cert: Annotated[
        Path | None, typer.Option(help="this desk's certificate (PEM), for a hub with --client-ca; kept in the home")
    ] = None,
    client_key: Annotated[
        Path | None, typer.Option(help="its private key (PEM), where it is not in the same file")
    ] = None,
) -> None:
    """First start without a window: makes the store, the desk's key and the administrator; or, with --hub, joins the
    mall of a hub."""
    if hub:
        with _sentences():
            from app.composition.following import enrol_desk
            from app.settings import DeskSettings

            chosen = DeskSettings(
                store="",
                printer_url=printer,
                printer_profile=f"generic-{paper}",
                reader_url=reader,
            )
            code = code or typer.prompt("接入码 · code")
            enrolled = enrol_desk(
                _home(home),
                hub,
                code,
                ca=ca,
                fingerprint=fingerprint,
                own=client_cert,
                own_key=client_key,
                desk_settings=chosen,
            )
            typer.echo(f"{enrolled.settings.mall} {enrolled.settings.desk}  {enrolled.home.folder}")
            enrolled.close()
        return
    mall = mall or typer.prompt("商场名称 · mall")
    desk_name = desk_name or typer.prompt("服务台名称 · desk name")
    administrator = administrator or typer.prompt("管理员姓名 · administrator")
    pin = pin or typer.prompt("PIN", hide_input=True)
    with _sentences():
        from app.composition.desk import set_up
        from app.composition.first_start import computer_zone
        from app.ports.first_start import FirstStartAnswers

        if paper not in (58, 80):
            raise Refused("setup.paper_width")
        made = set_up(
            _home(home, store=store, desk=desk),
            FirstStartAnswers(
                mall_name=mall,
                desk_name=desk_name,
                desk_number=desk_number,
                administrator_staff=staff,
                administrator_name=administrator,
                administrator_pin=pin,
                printer_url=printer,
                paper_width_mm=paper,
                reader_url=reader,
                card_prefix=card_prefix,
                zone=zone or computer_zone(),
            ),
            mall_id=mall_id,
            desk=desk,
            store_url=store,
        )
        typer.echo(f"{made.home.folder}")
        made.close()


@app.command()
def desk(
    headless: Annotated[bool, typer.Option("--headless", help="JSON lines on stdin and stdout")] = False,
    home: HomeOption = None,
    store: StoreOption = "",
    desk: Annotated[str, typer.Option(help="must be the desk that the home folder was set up for")] = "",
    language: Annotated[str, typer.Option(help="of slips: zh_CN or en")] = "zh_CN",
) -> None:
    """This desk: with --headless, one JSON operation or query per line and one JSON answer each (docs/headless.md)."""
    with _sentences():
        if not headless:
            from app.composition.window import run_desk

            raise typer.Exit(run_desk(_home(home)))
        from app.composition.headless import run_headless

        folder = _home(home, store=store, desk=desk)
        raise typer.Exit(run_headless(folder, store_url=store, desk=desk, language=language))


@app.command()
def verify(
    home: HomeOption = None,
    replay: Annotated[bool, typer.Option(help="apply every operation again and compare every table")] = True,
) -> None:
    """Recompute everything from the operations up; names what is broken and exits 1."""
    with _sentences():
        from app.composition.desk import open_desk
        from app.domain.sentences import sentence
        from db.verify import verify as verify_store

        opened = open_desk(_home(home))
        try:
            with _progress("verify") as progress:
                if opened.link is not None:  # what its hub holds is not here to be folded
                    from db.verify.copies import verify_copy

                    findings = verify_copy(opened.store, opened.settings.mall, opened.settings.desk)
                else:
                    findings = verify_store(
                        opened.store,
                        opened.settings.mall,
                        progress=lambda _stage, done, total: progress(done, total or None),
                        replay=replay,
                    )
        finally:
            opened.close()
    for finding in findings:
        typer.echo(str(finding))
        for language in ("zh_CN", "en"):
            typer.echo(f"    {sentence(finding.code, finding.facts, language)}")
    typer.echo(f"{len(findings)} ×" if findings else "ok")
    raise typer.Exit(1 if findings else 0)


@app.command()
def backup(home: HomeOption = None) -> None:
    """Copy this desk's store, encrypted, into its backups folder; the newest seven are kept."""
    with _sentences():
        from app.composition.desk import back_up

        typer.echo(str(back_up(_home(home))))


@app.command()
def restore(
    backup: Annotated[Path | None, typer.Argument(help="which backup; the newest without it")] = None,
    home: HomeOption = None,
) -> None:
    """Put a backup in the place of a broken store; the broken file is kept beside it."""
    with _sentences():
        from app.composition.desk import restore_backup

        kept, used = restore_backup(_home(home), backup)
        typer.echo(f"{used} → {_home(home).store_file}")
        if kept is not None:
            typer.echo(str(kept))


@app.command()
def expire(home: HomeOption = None) -> None:
    """Expire the points whose last day has passed."""
    with _sentences():
        from app.composition.desk import expire_until_done, open_desk

        opened = open_desk(_home(home))
        try:
            typer.echo(f"{expire_until_done(opened):,}")
        finally:
            opened.close()


@app.command()
def grant(
    role: Annotated[str, typer.Argument(help="PostgreSQL role that desks will connect as")],
    store: Annotated[str, typer.Option("--store", help="the store's URL, as the owner of its tables")],
    mall_id: Annotated[
        str, typer.Option(help="short code of the one mall it may see, where the store has several")
    ] = "",
    many_malls: Annotated[
        bool, typer.Option("--many-malls", help="a role that serves several malls: each connection sees one")
    ] = False,
    hub: Annotated[bool, typer.Option("--hub", help="what a hub needs, instead of a desk on this store")] = False,
) -> None:
    """Give a PostgreSQL role what a desk needs and no more: it can delete nothing and change no ledger entry."""
    with _sentences():
        from app.composition.desk import grant_to_role

        grant_to_role(store, role, mall=mall_id, many_malls=many_malls, hub=hub)


DatabaseOption = Annotated[
    str, typer.Option("--database", envvar="MEMBERDESK_DATABASE", help="PostgreSQL URL of the mall")
]
MallOption = Annotated[str, typer.Option("--mall-id", help="short code of the mall")]
# Who decides something at the hub, and who approves it.
AdministratorOption = Annotated[str, typer.Option(help="staff number of the administrator")]
ApproverOption = Annotated[str, typer.Option(help="staff number of the supervisor who approves")]
PinOption = Annotated[
    str, typer.Option(envvar="MEMBERDESK_PIN", help="administrator's PIN", hide_input=True, prompt="PIN")
]
ApproverPinOption = Annotated[
    str,
    typer.Option(envvar="MEMBERDESK_APPROVER_PIN", help="supervisor's PIN", hide_input=True, prompt="PIN · approver"),
]


@app.command()
def hub(
    database: DatabaseOption,
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT")] = "127.0.0.1:8443",
    mall_id: MallOption = "M01",
    tls_cert: Annotated[Path | None, typer.Option(help="certificate (PEM, with its chain)")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="its private key (PEM)")] = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="only desks with a certificate of this authority (PEM)")
    ] = None,
    reports: Annotated[
        str | None,
        typer.Option(envvar="MEMBERDESK_REPORTS", help="PostgreSQL URL of a replica, which answers reports"),
    ] = None,
) -> None:
    """The mall's hub: desks of other machines enrol with it. Several may run beside each other, on one database."""
    with _sentences():
        from app.composition.hub import Listening, run_hub

        raise typer.Exit(run_hub(database, mall_id, Listening.at(listen, tls_cert, tls_key, client_ca), reports))


@app.command(name="hub-bundle-in")
def hub_bundle_in(
    file: Annotated[Path, typer.Argument(help="what `memberdesk sync bundle-out` wrote at a desk")],
    answers: Annotated[Path, typer.Argument(help="file for the way back to that desk")],
    database: DatabaseOption,
    mall_id: MallOption = "M01",
) -> None:
    """Take in, at the hub, what a desk without a network has sent by hand. Twice is no mistake: it counts once."""
    with _sentences():
        from app.composition.hub import take_bundle

        taken = take_bundle(database, mall_id, file, answers)
        typer.echo(
            f"{taken.desk}  {taken.handed:,}  new {taken.new:,}  to look after {taken.exceptions + taken.aside:,}"
        )
        typer.echo(str(answers))
        if taken.gap:
            raise Refused("bundle.gap")


@app.command(name="enrolment-code")
def enrolment_code(
    database: DatabaseOption,
    desk: Annotated[str, typer.Option(help="short code of the desk that may enrol")],
    name: Annotated[str, typer.Option(help="its name")],
    number: Annotated[int, typer.Option(min=1, max=99, help="part of the member numbers it gives out")],
    administrator: AdministratorOption,
    approver: ApproverOption,
    kind: Annotated[
        str, typer.Option(help="counter, kiosk or till; a desk that is there stays what it is unless told")
    ] = "",
    pin: PinOption = "",
    approver_pin: ApproverPinOption = "",
    mall_id: MallOption = "M01",
) -> None:
    """A code with which one desk enrols at the hub, once, within ten minutes. Two people make it, at the hub."""
    with _sentences():
        from app.composition.hub import enrolment_code as made
        from app.domain.desk_kind import DeskKind

        kinds = {known.value: known for known in DeskKind}
        if kind and kind not in kinds:
            raise typer.BadParameter(", ".join(kinds), param_hint="--kind")
        typer.echo(
            made(
                database,
                mall_id,
                desk=desk,
                name=name,
                number=number,
                administrator=administrator,
                pin=pin,
                approver=approver,
                approver_pin=approver_pin,
                kind=kinds.get(kind),
            )
        )


@app.command(name="desk-state")
def desk_state(
    what: Annotated[str, typer.Argument(help="suspend, resume, retire or lost")],
    desk: Annotated[str, typer.Argument(help="short code of the desk")],
    database: DatabaseOption,
    administrator: AdministratorOption,
    approver: Annotated[str, typer.Option(help="staff number of the second person; not asked for to suspend")] = "",
    pin: PinOption = "",
    approver_pin: Annotated[
        str, typer.Option(envvar="MEMBERDESK_APPROVER_PIN", help="the second person's PIN", hide_input=True)
    ] = "",
    mall_id: MallOption = "M01",
) -> None:
    """Stop a desk, let it go on, give it up for good, or have it wipe itself; at the hub, where no screen is left."""
    with _sentences():
        from app.composition.hub import DEEDS, change_desk

        if what not in DEEDS:
            raise typer.BadParameter(", ".join(DEEDS))
        if approver and not approver_pin:
            approver_pin = typer.prompt("PIN · approver", hide_input=True)
        change_desk(
            database,
            mall_id,
            what,
            desk,
            administrator=administrator,
            pin=pin,
            approver=approver,
            approver_pin=approver_pin,
        )


@app.command(name="desks")
def desks_of_hub(
    database: DatabaseOption,
    staff: Annotated[str, typer.Option(help="staff number of who keeps or approves desks")],
    mall_id: MallOption = "M01",
) -> None:
    """How the hub stands with each desk of the mall."""
    with _sentences():
        from app.composition.hub import desks as all_of

        stand = all_of(database, mall_id, staff)
        if stand.findings:
            typer.echo(
                f"the books of {stand.reconciled_on} do not add up: {stand.findings:,}; see memberdesk verify", err=True
            )
        for row in stand.rows:
            seen = row.last_seen.isoformat(timespec="seconds") if row.last_seen else "-"
            typer.echo(
                f"{row.desk}  {row.name}  {row.kind}  {row.state}  seen {seen}  unsent {row.unsent:,}  "
                f"behind {row.behind:,}  program {row.program or '-'}"
            )


@app.command(name="begin-feed")
def begin_feed(
    database: DatabaseOption,
    administrator: AdministratorOption,
    approver: ApproverOption,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S%z"],
            help="up to when the database is complete (the recovery's target); without it, by its newest operation",
        ),
    ] = None,
    pin: PinOption = "",
    approver_pin: ApproverPinOption = "",
    mall_id: MallOption = "M01",
) -> None:
    """A hub's database was put back to an earlier time: before its first process starts, let desks hand in again what
    it lacks. Prints from when on."""
    with _sentences():
        from app.composition.hub import begin_feed as begun

        since = begun(
            database,
            mall_id,
            administrator=administrator,
            pin=pin,
            approver=approver,
            approver_pin=approver_pin,
            since=since,
        )
        typer.echo(since.isoformat())


@group.command()
def card(
    database: DatabaseOption,
    mall_id: MallOption = "M01",
    key: Annotated[
        str, typer.Option(envvar="MEMBERDESK_GROUP_KEY", help="the group's key, as the first mall has it; secret")
    ] = "",
) -> None:
    """What the other malls have to be told of this one: its code, its hub's public key, and the group's secret key,
    which is made where there is none."""
    with _sentences():
        from app.composition.hub import group_card

        made = group_card(database, mall_id, key)
        typer.echo(f"mall {made.mall}\npublic key {made.public_key}\ngroup key {made.key}")


@group.command(name="add")
def add_to_group(
    database: DatabaseOption,
    partner: Annotated[str, typer.Option(help="short code of the other mall")],
    name: Annotated[str, typer.Option(help="its name")],
    url: Annotated[str, typer.Option(help="where its hub answers")],
    public_key: Annotated[str, typer.Option(help="its hub's, hexadecimal")],
    administrator: AdministratorOption,
    approver: ApproverOption,
    pin: PinOption = "",
    approver_pin: ApproverPinOption = "",
    mall_id: MallOption = "M01",
) -> None:
    """Another mall of the group: its members may redeem here, and ours there. Both malls have to add each other."""
    with _sentences():
        from app.composition.hub import add_partner
        from app.operations.add_partner import AddPartner
        from app.sync.http import checked_address

        wish = AddPartner(partner=partner, name=name, url=checked_address(url), public_key=public_key)
        add_partner(
            database,
            mall_id,
            wish,
            administrator=administrator,
            pin=pin,
            approver=approver,
            approver_pin=approver_pin,
        )


@data.command()
def generate(
    home: HomeOption = None,
    members: Annotated[int, typer.Option(min=1, max=9_999_999)] = 20_000,
    years: Annotated[int, typer.Option(min=1, max=10)] = 2,
    sales: Annotated[int, typer.Option(min=0, max=1_000, help="sales per member")] = 10,
    seed: SeedOption = 1,
) -> None:
    """Make a store of any size with invented members, cards and sales in a new home folder."""
    with _sentences():
        from app.composition.demo import make_demo
        from app.demo.history import Plan

        plan = Plan(members, years, seed, _today(), sales_per_member=sales)
        with _progress(f"{members:,} members") as progress:
            made = make_demo(_home(home), plan, progress=progress)
        typer.echo(str(made.home.folder))
        made.close()


@app.command()
def simulate(
    kind: Annotated[
        str,
        typer.Argument(
            help="reader (swipes, scans, tags), printer, pn532, er302, er302-stuffed, msr605, gm65, rdm6300, id-12la, "
            "wiegand-bits, wiegand-decimal, wiegand-hex; card dispensers: cd-720m, k720, crt-531; customer displays: "
            "cd5220, cd5220-gb18030, cd5220-2400, cd5220-behind-printer, cd5220-gb18030-behind-printer, led8, led8-2400"
        ),
    ],
    link: LinkOption = None,
    listen: ListenOption = "",
    fault: Annotated[
        str | None,
        typer.Option(
            help="from the start: slow, cut, garbage, checksum, glued, duplicate, late, previous, mute, unplug, busy, "
            "no-rights; printer also: paper, near-end, cover, error, cutter, asb, xoff, xoff-for-ever, stall, power, "
            "small-buffer, and any of them @N: once N bytes came; msr605: write-error, format, not-understood, "
            "bad-swipe, failed, writes-wrong; dispensers: empty, low, jam, fail, bin-full, captures"
        ),
    ] = None,
    paper: Annotated[int, typer.Option(help="printer: paper width in mm, 58 or 80")] = 80,
    baudrate: Annotated[int | None, typer.Option(help="printer: no faster than this line")] = None,
) -> None:
    """Be one of the counter's machines, on a serial line of its own or in the network; commands come on stdin."""
    with _sentences():
        from devices.simulators.commands import simulate as simulated

        place = _place(link, listen)
        if place is None:
            raise typer.BadParameter("--link PATH | --listen HOST:PORT")
        raise typer.Exit(simulated(kind, place, sys.stdin, sys.stdout, fault=fault, paper_mm=paper, baudrate=baudrate))


def _place(link: Path | None, listen: str) -> Path | Listen | None:
    from devices.simulators.network import Listen

    if link is not None and listen:
        raise typer.BadParameter("--link PATH | --listen HOST:PORT")
    return Listen.at(listen) if listen else link


@sync.command()
def status(home: HomeOption = None) -> None:
    """How this desk stands with its hub, as far as it knows by itself."""
    with _sentences():
        opened = _following(home)
        link = _link(opened)
        try:
            known = link.status()
            typer.echo(
                f"{known.mode.value}  unsent {known.unsent:,}  offline {known.floor_used:,}/{known.floor_limit:,}"
            )
        finally:
            opened.close()


@sync.command()
def renew(
    code: Annotated[str, typer.Option(help="enrolment code for this desk, from the administrator")],
    home: HomeOption = None,
) -> None:
    """Enrol this desk again: its store was restored or copied, or it was suspended. Prints how many operations the hub
    never had; they stay in the log."""
    with _sentences():
        from app.composition.following import renew as renewed

        typer.echo(f"{renewed(_home(home), code):,}")


@sync.command()
def certificate(
    file: Annotated[Path, typer.Argument(help="this desk's new certificate (PEM)")],
    key: Annotated[Path | None, typer.Option(help="its private key (PEM), where it is not in the same file")] = None,
    home: HomeOption = None,
) -> None:
    """Another certificate for this desk, for a hub with --client-ca, before the old one ends. It counts from the
    program's next start."""
    with _sentences():
        from app.composition.following import renew_certificate

        renew_certificate(_home(home), file, key)


@sync.command(name="bundle-out")
def bundle_out(
    file: Annotated[Path, typer.Argument(help="file on what will be carried to the hub")], home: HomeOption = None
) -> None:
    """Where no network reaches: what is unsent, sealed for the hub, into a file. Nothing counts as sent by that."""
    with _sentences():
        opened = _following(home)
        try:
            typer.echo(f"{_link(opened).write_bundle(file):,}")
        finally:
            opened.close()


@sync.command(name="bundle-in")
def bundle_in(
    file: Annotated[Path, typer.Argument(help="what the hub has written for this desk")], home: HomeOption = None
) -> None:
    """Read what the hub has answered to a file of this desk."""
    with _sentences():
        opened = _following(home)
        try:
            read = _link(opened).read_bundle(file)
            typer.echo(f"{read.answers:,}")
            if read.gap:
                raise Refused("bundle.gap")
        finally:
            opened.close()


@sync.command()
def forget(
    staff: Annotated[str, typer.Option(prompt="工号 · staff number", help="staff number of who keeps desks")],
    home: HomeOption = None,
) -> None:
    """Give this desk up: its keys are destroyed, so that nobody opens its store again. Refused while anything is
    unsent. The PIN is asked for, or comes on stdin."""
    with _sentences():
        from app.composition.following import forget as forgotten

        pin = typer.prompt("PIN", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
        forgotten(_home(home), staff, pin)


def _following(home: Path | None) -> Desk:
    from app.composition.desk import open_desk

    return open_desk(_home(home))


def _link(opened: Desk) -> Link:
    if opened.link is None:
        opened.close()
        raise Refused("hub.none")
    opened.link.agent.look()
    return opened.link


@devices.command(name="list")
def list_ports() -> None:
    """The serial ports of this machine, under names that stay the same."""
    from devices.listing import known_ports

    for port in known_ports():
        typer.echo("  ".join(part for part in (port.url, port.description, port.used_by) if part))


@devices.command()
def record(
    port: Annotated[str, typer.Option("--port", help="URL of the machine's port")],
    out: Annotated[Path, typer.Option("--out", help="the transcript: a text file")],
    link: LinkOption = None,
    listen: ListenOption = "",
    baudrate: Annotated[int, typer.Option(help="of the port")] = 9600,
    raw: Annotated[
        bool, typer.Option("--raw", help="keep numbers as they are; never with a real person's card")
    ] = False,
) -> None:
    """Write down what a machine and the program say to each other. The program opens --link or --listen instead of the
    port; with neither, only the machine is heard. Ctrl-C ends it."""
    with _sentences():
        from devices.ports import LineSettings
        from devices.recording import record as recorded

        if raw:
            typer.echo("--raw: 号码将原样写入文件，切勿使用真实会员卡或银行卡。", err=True)
            typer.echo("--raw: numbers are written as they are. Use test cards only, never a bank card.", err=True)
        ended = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        with out.open("w", encoding="utf-8") as file:
            settings = LineSettings(port, baudrate)
            steps = recorded(settings, _place(link, listen), file, raw=raw, ended=ended, there=typer.echo)
        typer.echo(f"{out}: {steps:,}")


@devices.command()
def replay(
    transcript: Annotated[Path, typer.Argument(help="a file that `memberdesk devices record` wrote")],
    link: LinkOption = None,
    listen: ListenOption = "",
    speed: Annotated[float, typer.Option(min=0, help="pauses times this; 0: none")] = 1.0,
) -> None:
    """Be the machine of a transcript: wait for what the program said, answer as the machine did. Ends and names the
    place where the program says something else."""
    with _sentences():
        from devices.simulators.replay import TranscriptPlayer
        from devices.transcripts import read_transcript

        place = _place(link, listen)
        if place is None:
            raise typer.BadParameter("--link PATH | --listen HOST:PORT")
        with transcript.open(encoding="utf-8") as file:
            player = TranscriptPlayer(place, read_transcript(file), speed_of_time=speed)
        typer.echo(player.line.address)
        player.start()
        try:
            played = player.wait()
        finally:
            player.close()
        found = player.mismatch
        if found is not None:
            raise Refused(
                "transcript.differs", step=found.step, byte=found.byte, expected=found.expected, got=found.got
            )
    typer.echo(f"{player.steps_done:,}")
    raise typer.Exit(0 if played else 1)


@app.command()
def bench(
    suite: Annotated[str, typer.Argument(help="core, devices or sync")] = "core",
    members: Annotated[int, typer.Option(help="size of the measured store")] = 1_000_000,
    json: Annotated[Path | None, typer.Option(help="write the rows there, too")] = None,
    store: Annotated[Path | None, typer.Option(help="keep the generated store in this folder and use it again")] = None,
) -> None:
    """Measure, each figure against a baseline of the same run."""
    with _sentences():
        from app.composition.bench import run as run_bench

        raise typer.Exit(run_bench(suite, members=members, json_file=json, keep=store))
