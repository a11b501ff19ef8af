"""Logs without personal data: one JSON object a line, with keys from a closed list.

What is not on the list is dropped, and its name is counted.

No bodies, query strings, headers or values: an id leads to the case, for those who may see it.
Source: trust.md 8.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

ALLOWED: Final = frozenset(
    {
        "timestamp",
        "level",
        "event",
        "request",
        "route",
        "method",
        "status",
        "ms",
        "case",
        "task",
        "job",
        "topic",
        "error",
        "where",
        "directive",
        "incident",
        "seconds",
    }
)
DROPPED: Final = Counter[str]()
"""Names of keys that somebody tried to log, with how often; a test fails on any."""
LONGEST: Final = 120


def only_allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep the keys of the closed list, as short text without line breaks."""
    for name in [name for name in event if name not in ALLOWED]:
        DROPPED[name] += 1
        del event[name]
    return {
        name: value if isinstance(value, int) else _one_line(value) for name, value in event.items()
    }


def _one_line(value: object) -> str:
    return str(value).replace("\n", " ").replace("\r", " ")[:LONGEST]


def begin(level: str) -> None:
    """Set logging up for this process: ours as JSON on standard error, libraries' warnings."""
    number = logging.getLevelName(level.upper())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s")
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
