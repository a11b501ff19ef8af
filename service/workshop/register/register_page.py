"""What pages and commands load for a register: releases of the process, and the texts of one."""

from __future__ import annotations

from dataclasses import dataclass

from service.errors import NotFound
from service.records.context import Services
from service.release.bundle import Bundle, unpack_release
from service.release.labels import localized_name
from service.settings import Settings
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.workshop import editor
from service.workshop.data_flow.sides import FlowSide
from service.workshop.register.difference import RegisterDifference, compare_texts
from service.workshop.register.parts import RegisterHost, RegisterText
from service.workshop.register.register import write_text
from service.workshop.register.source import processes_of

HASH = 12
"""Characters of a release's digest that people read."""


@dataclass(frozen=True, slots=True)
class RegisterRelease:
    """A release that a text is written from: its id, how people call it, and its files."""

    id: str
    name: str
    bundle: Bundle


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A text with what can be chosen: processes and releases to compare with, id and name."""

    text: RegisterText
    process: str
    processes: tuple[tuple[str, str], ...]
    against: str
    others: tuple[tuple[str, str], ...]
    difference: RegisterDifference | None


def host_of(settings: Settings) -> RegisterHost:
    """Whoever runs the service, as the settings name it."""
    return RegisterHost(settings.host_name, settings.host_contact, settings.host_data_protection)


def load_release(tx: Tx, release_id: str) -> RegisterRelease:
    """Load the files of a release.

    Raises:
        NotFound: there is no such release.
    """
    row = rows.get(tx, release_id) if editor.is_release(release_id) else None
    if row is None:
        raise NotFound
    name = f"v{row.number} · {row.id[:HASH]}"
    return RegisterRelease(row.id, name, unpack_release(row.id, row.files))


def other_releases(tx: Tx, process: str, release_id: str) -> tuple[tuple[str, str], ...]:
    """Releases to compare with, the newest first: id and number."""
    titles = rows.of_process(tx, process)
    return tuple((one.id, f"v{one.number}") for one in titles if one.id != release_id)


def write_page(
    kind: str,
    services: Services,
    host: RegisterHost,
    lang: str,
    *,
    release: RegisterRelease,
    process: str = "",
    against: RegisterRelease | None = None,
    others: tuple[tuple[str, str], ...] = (),
) -> RegisterPage:
    """Write a text of a release, and how it differs from that of another.

    Args:
        kind: `REGISTER` or `ANNEX`.
        process: one of `processes_of`; the main one where it is empty.
    Raises:
        NotFound: the release has no such process.
    """
    ids = processes_of(services, release.bundle)
    chosen = process or next(iter(ids), "")
    if chosen not in ids:
        raise NotFound

    def written(one: RegisterRelease) -> RegisterText:
        return write_text(kind, services, one.bundle, chosen, lang, release=one.name, host=host)

    text, difference = written(release), None
    if against is not None:
        bundles = (against.bundle, release.bundle)
        difference = compare_texts(services, bundles, written(against), text)
    configuration = services.programme.configuration
    drawn = FlowSide(services, release.bundle, configuration.matrix, lang).survey.model.processes
    names = tuple((id_, localized_name(drawn[id_].names, lang) or id_) for id_ in ids)
    other = against.id if against is not None else ""
    return RegisterPage(text, chosen, names, other, others, difference)
