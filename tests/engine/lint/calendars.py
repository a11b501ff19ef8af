"""Calendar files that cannot be used."""

from __future__ import annotations

BAD_CALENDARS = (
    b'{"zone": "Mars/Base", "week": [1], "off": []}',
    b'{"zone": 1, "week": [1], "off": []}',
    b'{"zone": "/etc/localtime", "week": [1], "off": []}',
    b"\xff",
    b"{",
    b"[" * 5000,
    b"[]",
    b'{"zone": "Europe/Stockholm"}',
    b'{"zone": "Europe/Stockholm", "week": [], "off": []}',
    b'{"zone": "Europe/Stockholm", "week": [8], "off": []}',
    b'{"zone": "Europe/Stockholm", "week": [true], "off": []}',
    b'{"zone": "Europe/Stockholm", "week": 5, "off": []}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": "2026-06-19"}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": ["2026-02-30"]}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": ["20260619"]}',
    b'{"zone": "Europe/Stockholm", "week": [5], "off": [20260619]}',
)
