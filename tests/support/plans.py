"""Plans of retention as TOML: each row says what its test is about, the rest is usual.

The usual plan has one ground, one kind of record (cases of the process `p`), and one moment (the
end of a case); the usual rule is about all classes of it, in every office.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final, TypeAlias

from service.access import CLASSES
from service.release.bundle import CONFIG
from service.release.programme.retention_rules import (
    ANY,
    CASE_END,
    RetentionPlan,
    RetentionRule,
    read_retention,
)
from tests.support.world import shipped

FILE: Final = f"{CONFIG}retention.toml"
"""The plan in a release."""
PLAIN: Final = ("C0", "C1")
SENSITIVE: Final = ("C2", "C3")
LONG_AGO: Final = date(2000, 1, 1)
SIGNER: Final = "Anna Ask, archivist, 2026-01-01"
Value: TypeAlias = str | date | Collection[str] | Mapping[str, str | Collection[str]]


def ground(id_: str = "LAW", **more: Value) -> str:
    """A ground that binds every kind of office."""
    usual: dict[str, Value] = {"sv": "Lag", "en": "Law", "number": "1 §", "from": LONG_AGO}
    return _row("ground", {"id": id_, **usual, **more})


def record(id_: str = "file", **source: Value) -> str:
    """A kind of record.

    Args:
        source: `process` with its conditions, or `product`; none: cases of the process `p`.
    """
    usual = {} if "product" in source else {"process": ["p"]}
    return _row("record", {"id": id_, "sv": "Akt", "en": "File", **usual, **source})


def moment(id_: str = "end", **source: Value) -> str:
    """A moment.

    Args:
        source: `product`, `left` or `answer`; none: the end of a case.
    """
    return _row(
        "moment", {"id": id_, "sv": "då", "en": "then", **(source or {"product": CASE_END})}
    )


def rule(
    id_: str,
    does: str,
    after: str = "",
    *,
    ground: str = "LAW",
    start: date = LONG_AGO,
    record: Collection[str] = ("file",),
    owner: Collection[str] = (ANY,),
    classes: Collection[str] = CLASSES,
    counted: str = "end",
    **more: Value,
) -> str:
    """A rule.

    Args:
        after: how long after the moment in `counted`; "": it counts from none, as one that
            preserves.
        more: what else it says: `to`, `every`, `unless`, `not_before`.
    """
    about = {"record": record, "owner": owner, "classes": classes, "does": does}
    counts = {"after": after, "counted": counted} if after else {}
    return _row("rule", {"id": id_, "ground": ground, "from": start, **about, **counts, **more})


def signed(text: str, *kinds: str) -> str:
    """A plan whose rules are signed for these kinds of office, or `house`."""
    plan = read_retention(text)
    signatures = (f'{kind} = "{SIGNER} [{plan.digest(kind)}]"\n' for kind in kinds)
    return f"[signed]\n{''.join(signatures)}{text}"


def shipped_plan() -> RetentionPlan:
    """The plan of the shipped release."""
    return read_retention(shipped().text(FILE))


def oracle_day(one: RetentionRule, start: date) -> date:
    """The last day of a period, worked out apart from the product."""
    digits, number = dict[str, int](), ""
    for sign in one.after[1:]:
        if sign.isdigit():
            number += sign
        else:
            digits[sign], number = int(number), ""
    months = start.month - 1 + digits.get("M", 0) + 12 * digits.get("Y", 0)
    year, month = start.year + months // 12, months % 12 + 1
    first = date(year, month, min(start.day, monthrange(year, month)[1]))
    return first + timedelta(days=digits.get("D", 0))


def _row(table: str, keys: Mapping[str, Value]) -> str:
    lines = (f"{key} = {_toml(value)}\n" for key, value in keys.items())
    return f"[[{table}]]\n{''.join(lines)}"


def _toml(value: Value) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    return json.dumps(value if isinstance(value, str) else [*value], ensure_ascii=False)
