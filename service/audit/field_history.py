"""The history of a field in a case: every value over time, who gave it and who has read it since;
and of files, when they were added, replaced and removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.audit.case_replay import CaseReplay
from service.audit.event_card.written_values import OPEN
from service.casework.approvals import unmasking
from service.casework.history.chain_checks import load_stream
from service.casework.history.narrative import HistoryEntry
from service.errors import NotFound
from service.people import accounts
from service.records.context import Services
from service.release.labels import element_name
from service.store.casefile import documents, facts
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import known, say

READS: Final = frozenset({"read", "reveal", "print"})
"""Kinds of entries that say that somebody saw answers."""
MOST_READS: Final = 50
"""Newest reads that are listed; the others are counted."""


@dataclass(frozen=True, slots=True)
class CaseField:
    """A field of a case; `times` is how often a form with it was sent, or a step wrote it."""

    key: str
    label: str
    klass: str
    times: int


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The fields of one form, or all values that no form asks for."""

    title: str
    fields: tuple[CaseField, ...]


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What became of a field in one line of history."""

    line: int
    """Number of the line in the ledger."""
    at: datetime
    when: str
    who: str
    form: str
    step: str
    release: str
    before: str
    after: str
    correction: bool
    reason: str


@dataclass(frozen=True, slots=True)
class FieldRead:
    """Somebody saw answers of the field's class."""

    when: str
    who: str
    purpose: str


@dataclass(frozen=True, slots=True)
class FieldReads:
    """Who has seen answers of the field's class since it was answered first, newest first."""

    rows: tuple[FieldRead, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FileEvent:
    """A file was added, replaced or removed; its name is hidden."""

    line: int
    when: str
    who: str
    what: str
    field: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field was asked for: the fact, the class and the words of its release."""

    fact: facts.Fact
    klass: str
    label: str
    form: str


def case_fields(replay: CaseReplay) -> tuple[FieldGroup, ...]:
    """Every field of the case by form, in the order in which they were answered first."""
    groups: dict[str, dict[str, list[_Place]]] = {}
    for key, place in _places(replay):
        groups.setdefault(place.form, {}).setdefault(key, []).append(place)
    return tuple(
        FieldGroup(
            title or say("event.no_form", replay.viewer.lang),
            tuple(
                CaseField(key, places[-1].label, places[-1].klass, len(places))
                for key, places in fields.items()
            ),
        )
        for title, fields in groups.items()
    )


def field_values(replay: CaseReplay, key: str) -> tuple[CaseField, tuple[FieldValue, ...]]:
    """The values of a field, oldest first.

    Raises:
        NotFound: the case has no such field.
    """
    places = [place for name, place in _places(replay) if name == key]
    if not places:
        raise NotFound
    lines = {entry.rev: entry for entry in replay.entries if entry.rev in replay.history}
    values = [
        _value(replay, key, place, lines[place.fact.rev])
        for place in places
        if place.fact.rev in lines
    ]
    last = places[-1]
    return CaseField(key, last.label, last.klass, len(places)), tuple(values)


def field_reads(
    tx: Tx, services: Services, replay: CaseReplay, field: CaseField, since: datetime
) -> FieldReads:
    """Who has seen answers of the field's class, from the read log."""
    rows = []
    for entry in load_stream(tx, f"reads/{replay.case.id}"):
        body = json.loads(entry.body) if entry.kind in READS and entry.at >= since else {}
        if field.klass in body.get("classes", ()):
            rows.append((entry, str(body.get("purpose", ""))))
    newest = rows[: -MOST_READS - 1 : -1]
    names = accounts.names(tx, services, {entry.actor for entry, _ in newest})
    places = offices.names(tx)
    found = tuple(
        FieldRead(
            replay.when(entry.at),
            _by(names.get(entry.actor, ""), places.get(entry.office, "")),
            _purpose(purpose, replay.viewer.lang),
        )
        for entry, purpose in newest
    )
    return FieldReads(found, len(rows))


def _purpose(purpose: str, lang: str) -> str:
    key = f"event.read_{purpose}"
    return say(key, lang) if known(key) else purpose


def file_events(tx: Tx, replay: CaseReplay) -> tuple[FileEvent, ...]:
    """When files of the case were added, replaced and removed, oldest first."""
    stored = {one.id: one for one in documents.of_case(tx, replay.case.id)}
    there: dict[str, int] = {}
    found = []
    for entry, body in _document_entries(tx, replay):
        document = stored.get(str(body.get("document", "")))
        field = document.field.partition(".")[0] if document is not None else ""
        what = {"attach": "added", "detach": "removed"}.get(entry.what, "made")
        if what == "added" and there.get(field, 0) < 0:
            what = "replaced"
        there[field] = -1 if what == "removed" else 1
        found.append(
            FileEvent(
                entry.n,
                replay.when(entry.at),
                _by(entry.who, entry.office),
                say(f"event.file_{what}", replay.viewer.lang),
                _label(replay, field),
                document.kind if document is not None else "",
            )
        )
    return tuple(found)


def _document_entries(
    tx: Tx, replay: CaseReplay
) -> Iterator[tuple[HistoryEntry, Mapping[str, object]]]:
    bodies = {line.seq: line.body for line in load_stream(tx, f"case/{replay.case.id}")}
    for entry in replay.entries:
        if entry.what in ("attach", "detach", "paper_made", "paper_signed"):
            yield entry, json.loads(bodies[entry.n])


def _label(replay: CaseReplay, key: str) -> str:
    """What a field is called in the release that the case is on; empty for a paper of none."""
    if replay.diagram is None:
        return ""
    for form in replay.diagram.release.forms.values():
        for field in form.fields:
            if field.key == key:
                return form.say(field.label, replay.viewer.lang)
    return ""


def _places(replay: CaseReplay) -> Iterator[tuple[str, _Place]]:
    """Every field with each fact that asked for it or wrote it, oldest fact first."""
    if replay.diagram is None:
        return
    lang = replay.viewer.lang
    for rev, fact in sorted(replay.history.items()):
        release = replay.diagram.on(rev)
        form = release.forms.get(fact.form)
        asked = set[str]()
        for field in form.fields if form is not None else ():
            if form is None or not field.key or field.kind == "paragraph":
                continue
            asked.add(field.key)
            label = form.say(field.label, lang)
            title = form.say(form.title, lang) or form.id
            yield field.key, _Place(fact, field.data_class, label or field.key, title)
        for change in replay.written[rev].changes if rev in replay.written else ():
            if change.key not in asked:
                yield change.key, _Place(fact, change.klass, change.label, "")


def _value(replay: CaseReplay, key: str, place: _Place, entry: HistoryEntry) -> FieldValue:
    lang, rev = replay.viewer.lang, place.fact.rev
    before, after = _texts(replay, key, place)
    step = ""
    if replay.diagram is not None:
        drawn = replay.diagram.defined(rev).elements.get(entry.element)
        step = element_name(drawn, lang) if drawn is not None else ""
    return FieldValue(
        entry.n,
        entry.at,
        replay.when(entry.at),
        _by(entry.who, entry.office),
        place.form,
        step,
        replay.release_name(rev),
        before,
        after,
        correction=place.fact.kind == facts.CORRECTION,
        reason=say("event.reason_hidden", lang) if entry.reasoned else "",
    )


def _texts(replay: CaseReplay, key: str, place: _Place) -> tuple[str, str]:
    """What a field held before and after a fact, as far as the reader may see it."""
    wrote, lang = replay.written[place.fact.rev], replay.viewer.lang
    if wrote.missing:
        return "", wrote.missing
    sealed = [one for one in wrote.sealed if one.klass == place.klass]
    if place.klass != OPEN and not unmasking.opens(replay.opened, place.klass):
        return "", say("event.hidden" if sealed else "event.nothing", lang)
    if any(place.label in one.labels for one in sealed):
        return "", say("event.hidden", lang)
    change = next((one for one in wrote.changes if one.key == key), None)
    if change is None:
        return "", say("event.nothing", lang)
    return change.before, change.after


def _by(who: str, office: str) -> str:
    return ", ".join(part for part in (who, office) if part)
