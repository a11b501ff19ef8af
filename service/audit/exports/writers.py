"""Files of events: XES (IEEE 1849), CSV, JSON Lines. Each writes case by case to a stream."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import IO, Final, Protocol

from lxml import etree

from service import VERSION
from service.audit.exports.case_events import ProcessEvent

XES: Final = "http://www.xes-standard.org/"
EXTENSIONS: Final = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
)
CLASSIFIERS: Final = (
    ("activity", "concept:name"),
    ("activity and lifecycle", "concept:name lifecycle:transition"),
)
BOM: Final = "\ufeff"
RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""
COLUMNS: Final = ("case", *(column.name for column in fields(ProcessEvent)))


class CaseWriter(Protocol):
    """Writes one case after the other."""

    def case(self, name: str, events: Sequence[ProcessEvent]) -> None:
        """Write a case."""


@contextmanager
def writer(what: str, out: IO[bytes]) -> Iterator[CaseWriter]:
    """A writer of a kind of file; what it needs at the end is written on leaving.

    Args:
        what: `xes`, `csv` or `json`.
    """
    if what == "xes":
        with etree.xmlfile(out, encoding="UTF-8") as xml:
            xml.write_declaration()
            with xml.element("log", nsmap={None: XES}, **_log()):
                for part in _declarations():
                    xml.write(part, pretty_print=True)
                yield _XesWriter(xml)
        return
    yield _CsvWriter(out) if what == "csv" else _JsonWriter(out)


def _row(name: str, event: ProcessEvent) -> dict[str, str | int]:
    at = event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"case": name, **asdict(event), "at": at}


class _CsvWriter:
    """UTF-8 with a mark, semicolons: as a spreadsheet in Swedish opens it."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        out.write((BOM + ";".join(COLUMNS) + "\r\n").encode())

    def case(self, name: str, events: Sequence[ProcessEvent]) -> None:
        text = io.StringIO()
        rows = csv.writer(text, delimiter=";")
        for event in events:
            rows.writerow([_cell(value) for value in _row(name, event).values()])
        self.out.write(text.getvalue().encode())


def _cell(value: str | int) -> str | int:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


class _JsonWriter:
    """One object a line, for each event."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out

    def case(self, name: str, events: Sequence[ProcessEvent]) -> None:
        for event in events:
            row = json.dumps(_row(name, event), ensure_ascii=False, separators=(",", ":"))
            self.out.write(row.encode() + b"\n")


class _XesWriter:
    """One trace for each case. What is empty is left out."""

    def __init__(self, xml: etree._IncrementalFileWriter) -> None:
        self.xml = xml

    def case(self, name: str, events: Sequence[ProcessEvent]) -> None:
        trace = etree.Element(f"{{{XES}}}trace", nsmap={None: XES})  # type: ignore[dict-item]  # as above
        _add(trace, "string", "concept:name", name)
        for event in events:
            one = etree.SubElement(trace, f"{{{XES}}}event")
            _add(one, "string", "concept:name", event.name)
            _add(one, "string", "concept:instance", f"{event.element} {event.occurrence}")
            at = event.at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+00:00"
            _add(one, "date", "time:timestamp", at)
            _add(one, "string", "lifecycle:transition", event.transition)
            _add(one, "string", "org:group", event.office_kind)
            _add(one, "string", "org:role", event.role)
            _add(one, "string", "tresteg:release", event.release)
            _add(one, "string", "tresteg:stage", event.stage)
        self.xml.write(trace, pretty_print=True)


def _add(parent: etree._Element, kind: str, key: str, value: str) -> None:
    if value:
        etree.SubElement(parent, f"{{{XES}}}{kind}", key=key, value=value)


def _log() -> dict[str, str]:
    return {
        "xes.version": "1849-2016",
        "xes.features": "",
        "generator": f"Tresteg {VERSION}",
    }


def _declarations() -> Iterator[etree._Element]:
    """Extensions, what every trace and event has, classifiers."""

    def made(tag: str, /, **attributes: str) -> etree._Element:
        return etree.Element(f"{{{XES}}}{tag}", nsmap={None: XES}, **attributes)  # type: ignore[dict-item,arg-type]  # as above

    for name, prefix, uri in EXTENSIONS:
        yield made("extension", name=name, prefix=prefix, uri=uri)
    trace = made("global", scope="trace")
    event = made("global", scope="event")
    _add(trace, "string", "concept:name", "-")
    _add(event, "string", "concept:name", "-")
    _add(event, "date", "time:timestamp", "1970-01-01T00:00:00.000+00:00")
    _add(event, "string", "lifecycle:transition", "complete")
    yield trace
    yield event
    for name, keys in CLASSIFIERS:
        yield made("classifier", name=name, keys=keys)
