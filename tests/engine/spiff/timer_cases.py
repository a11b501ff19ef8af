"""Cases that wait for one timer, and when it is due."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from service.engine.feel.types import DATE, Type
from service.engine.types import Start
from tests.engine.drawing import (
    MONDAY,
    TYPES,
    Walk,
    definition,
    diagram,
    extension,
    node,
    properties,
    timer,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")


SWEDEN = json.dumps(
    {"zone": "Europe/Stockholm", "week": [1, 2, 3, 4, 5], "off": ["2026-01-06"]}
).encode()


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def waits(way: str, text: str, **given: str) -> str:
    return node(
        "intermediateCatchEvent",
        "w",
        (extension(properties(**given)) if given else "") + timer(way, text),
    )


def due(
    way: str, text: str, now: datetime = MONDAY, start: Start | None = None, **given: str
) -> datetime | None:
    drawn = definition(
        diagram(
            node("startEvent", "s") + waits(way, text, **given) + node("endEvent", "e"), "s>w w>e"
        ),
        types={**TYPES, "day": DATE, "at": Type("date and time")},
        calendars={"calendars/sweden.json": SWEDEN},
    )
    return Walk(drawn, start, now).one("w").due
