"""Decision tables: UNIQUE is not checked, PRIORITY not ranked, and three kinds of cells not read.

The input is the text b. By table: two rows fit where one may; the cells `"a", "b"`, `not("a")` and
`["a".."c"]`; of two rows that fit, the output that the list of outputs has first.
Source: DMN 1.3, 8.2.10 and 9.
"""

from __future__ import annotations

from typing import Any

EXPECTED = {
    "unique": "fails",
    "alternatives": {"y": "either"},
    "not": {"y": "other"},
    "range": {"y": "inside"},
    "priority": {"y": "high"},
}
SEEN = {
    "unique": {"y": "first"},
    "alternatives": {},
    "not": {},
    "range": "fails",
    "priority": {"y": "low"},
}


def show(lib: Any) -> object:
    return {
        "unique": lib.decided("UNIQUE", ('"b"', "first"), ('"b"', "second")),
        "alternatives": lib.decided("FIRST", ('"a", "b"', "either")),
        "not": lib.decided("FIRST", ('not("a")', "other")),
        "range": lib.decided("FIRST", ('["a".."c"]', "inside")),
        "priority": lib.decided(
            "PRIORITY", ('"b"', "low"), ('"b"', "high"), outputs='"high","low"'
        ),
    }
