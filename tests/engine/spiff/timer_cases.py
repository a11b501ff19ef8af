"""Cases that wait for one timer, and when it is due."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from service.engine.feel.types import DATE, Type
from service.engine.types import Start
from tests.engine.walks import MONDAY, TYPES, Walk, definition
from tests.support.diagrams import catch, diagram, end, ext, props, start, timer

STOCKHOLM = ZoneInfo("Europe/Stockholm")


SWEDEN = json.dumps(
    {"zone": "Europe/Stockholm", "week": [1, 2, 3, 4, 5], "off": ["2026-01-06"]}
).encode()


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def waits(way: str, text: str, **given: str) -> str:
    return catch(
        "w",
        (ext(props(**given)) if given else "") + timer(way, text),
    )


def due(
    way: str, text: str, now: datetime = MONDAY, begin: Start | None = None, **given: str
) -> datetime | None:
    drawn = definition(
        diagram(start() + waits(way, text, **given) + end(), "s>w w>e"),
        types={**TYPES, "day": DATE, "at": Type("date and time")},
        calendars={"calendars/sweden.json": SWEDEN},
    )
    return Walk(drawn, begin, now).one("w").due
