"""The kinds of printer a desk knows, its own among them, and what the one it has was found to prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace

from app.domain.errors import Refused, Unavailable
from app.domain.text import clean
from app.ports.devices import PrinterKind, PrinterProbe
from app.settings import DeskSettings, ProbedPrinter
from app.settings import PrinterKind as KeptKind
from devices.drivers.profiles import PROFILES, Completion, PrinterProfile, with_changes


def printer_profiles(settings: DeskSettings) -> Mapping[str, PrinterProfile]:
    """By name: those that are shipped, and the desk's own. Raises Unavailable("settings.unreadable")."""
    found = dict(PROFILES)
    for own in settings.printer_kinds:
        try:
            found[own.name] = with_changes(own.name, own.based_on, own.changes)
        except Refused as problem:
            field = f"printer_kinds: {own.name}: {problem.facts.get('field', own.based_on)}"
            raise Unavailable("settings.unreadable", file="desk.json", field=field[:60]) from None
    return found


def printer_in_use(settings: DeskSettings) -> PrinterProfile:
    """The chosen kind, with what was found at its port. Raises Unavailable("settings.unreadable")."""
    profiles = printer_profiles(settings)
    if settings.printer_profile not in profiles:
        raise Unavailable("settings.unreadable", file="desk.json", field=settings.printer_profile[:60])
    profile, probe = profiles[settings.printer_profile], probe_in_use(settings)
    if probe is None:
        return profile
    completion = Completion(probe.completion)
    return replace(profile, completion=completion, answers=probe.answers, auto_status=probe.auto_status)


def probe_in_use(settings: DeskSettings) -> PrinterProbe | None:
    """What was found for this kind of printer at this port; another kind or another port has to be asked again."""
    for known in settings.probed_printers:
        if (known.url, known.profile) == (settings.printer_url, settings.printer_profile):
            return PrinterProbe(known.completion, known.answers, known.auto_status)
    return None


def with_probe(settings: DeskSettings, probe: PrinterProbe) -> DeskSettings:
    """One result per port: the newest."""
    others = [known for known in settings.probed_printers if known.url != settings.printer_url]
    found = ProbedPrinter.model_validate(
        {
            "url": settings.printer_url,
            "profile": settings.printer_profile,
            "completion": probe.completion,
            "answers": probe.answers,
            "auto_status": probe.auto_status,
        }
    )
    return settings.model_copy(update={"probed_printers": [*others, found]})


def kind_in_use(settings: DeskSettings) -> PrinterKind:
    """As it was chosen, without what was probed. Raises Unavailable("settings.unreadable")."""
    profiles = printer_profiles(settings)
    profile = profiles.get(settings.printer_profile) or profiles["generic-80"]
    return PrinterKind(**{**asdict(profile), "completion": profile.completion.value})


def with_kind(settings: DeskSettings, kind: PrinterKind) -> DeskSettings:
    """The same desk, its printer of this kind, which is kept under its name: as the kind it had, but for what is
    different. Raises Refused where a value cannot be, or where the name is a shipped kind's."""
    name = clean(kind.name, field="printer_kind", longest=40, shortest=1)
    own = {kept.name: kept for kept in settings.printer_kinds}
    if name in PROFILES:
        raise Refused("printer.profile_shipped", name=name)
    known = own.get(name) or own.get(settings.printer_profile)
    based_on = known.based_on if known else settings.printer_profile
    base = PROFILES.get(based_on) or PROFILES["generic-80"]
    wanted = asdict(kind)
    changes = {
        field.name: wanted[field.name]
        for field in fields(base)
        if field.name != "name" and wanted[field.name] != _plain(getattr(base, field.name))
    }
    with_changes(name, base.name, changes)
    kept = KeptKind(name=name, based_on=base.name, changes=changes)
    others = [each for each in settings.printer_kinds if each.name != name]
    return settings.model_copy(update={"printer_kinds": [*others, kept], "printer_profile": name})


def _plain(value: object) -> object:
    return value.value if isinstance(value, Completion) else value
