"""Files of events have the structure that their readers ask for."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from lxml import etree

from service.audit.exports.case_events import TRANSITIONS, ProcessEvent
from service.audit.exports.writers import COLUMNS, XES, writer

EVENT = ProcessEvent(
    at=datetime(2026, 3, 2, 12, 0, 1, 500_000, tzinfo=UTC),
    element="Task_A",
    name='=SUM(1) & "Å" <x>',
    kind="userTask",
    occurrence=2,
    transition="complete",
    role="",
    office_kind="SOCIAL",
    release="0123456789ab",
    stage="1",
)
TYPES = {"string", "date", "int", "float", "boolean", "id", "list", "container"}


def written(what: str, *events: ProcessEvent, cases: int = 2) -> bytes:
    out = io.BytesIO()
    with writer(what, out) as file:
        for nth in range(cases):
            file.case(f"case-{nth}", events)
    return out.getvalue()


def check_xes(content: bytes) -> etree._Element:
    """The rules of IEEE 1849 on a document: order, scopes, attributes, extensions."""
    log = etree.fromstring(content)
    tags = [etree.QName(part).localname for part in log]
    assert etree.QName(log).namespace == XES
    assert {"xes.version", "xes.features"} <= set(log.attrib)
    order = ["extension", "global", "classifier", "trace"]
    assert tags == sorted(tags, key=order.index)
    prefixes = {part.get("prefix") for part in log.findall(f"{{{XES}}}extension")}
    assert [part.get("scope") for part in log.findall(f"{{{XES}}}global")] == ["trace", "event"]
    globals_ = {
        part.get("scope"): {one.get("key") for one in part}
        for part in log.findall(f"{{{XES}}}global")
    }
    for classifier in log.findall(f"{{{XES}}}classifier"):
        assert set(str(classifier.get("keys")).split()) <= globals_["event"]
    for trace in log.findall(f"{{{XES}}}trace"):
        parts = [etree.QName(part).localname for part in trace]
        assert parts == sorted(parts, key=lambda tag: tag == "event")
        check_attributes(trace, globals_["trace"], prefixes)
        for event in trace.findall(f"{{{XES}}}event"):
            check_attributes(event, globals_["event"], prefixes)
    return log


def check_attributes(
    parent: etree._Element, needed: set[str | None], prefixes: set[str | None]
) -> None:
    """Each attribute has a type, a key of its own and a value; those of every trace are there."""
    attributes = [one for one in parent if etree.QName(one).localname != "event"]
    keys = [one.get("key") for one in attributes]
    assert needed <= set(keys)
    assert len(keys) == len(set(keys))
    for one in attributes:
        key, value = str(one.get("key")), one.get("value")
        assert etree.QName(one).localname in TYPES
        assert value
        assert key.partition(":")[0] in {*prefixes, "tresteg"}
        if etree.QName(one).localname == "date":
            assert datetime.fromisoformat(value).tzinfo is not None
        if key == "lifecycle:transition":
            assert value in TRANSITIONS


def test_xes_has_the_structure_of_its_standard() -> None:
    log = check_xes(written("xes", EVENT))
    assert len(log.findall(f"{{{XES}}}trace")) == 2
    event = log.find(f"{{{XES}}}trace/{{{XES}}}event")
    assert event is not None
    values = {one.get("key"): one.get("value") for one in event}
    assert values["concept:name"] == EVENT.name
    assert values["concept:instance"] == "Task_A 2"
    assert values["time:timestamp"] == "2026-03-02T12:00:01.500+00:00"
    assert "org:role" not in values
    assert check_xes(written("xes", cases=0)) is not None


def test_csv_opens_in_a_spreadsheet_and_runs_no_formula() -> None:
    text = written("csv", EVENT).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["case"], rows[1]["case"]) == ("case-0", "case-1")
    assert rows[0]["name"] == f"'{EVENT.name}"
    assert rows[0]["at"] == "2026-03-02T12:00:01.500000Z"


@pytest.mark.parametrize("cases", [0, 3])
def test_json_is_one_event_a_line(cases: int) -> None:
    rows = [json.loads(line) for line in written("json", EVENT, cases=cases).splitlines()]
    assert len(rows) == cases
    assert all(row["name"] == EVENT.name for row in rows)
