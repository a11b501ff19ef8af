"""Compares random FEEL texts with another implementation, feelin, and pins each difference to the
smallest part that has one.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.engine.feel import Expression, FeelError, FuelSpent
from service.engine.feel.conversion import written
from service.engine.feel.literals import moment
from service.engine.feel.values import kind_of, type_of
from tests.engine.feel.texts import VALUES, Part, Texts
from tests.support.machine import node, packages
from tests.support.waiting import PROGRAM

REFUSED = "refused"


@dataclass(frozen=True)
class Difference:
    """A part whose own parts agree, and which does not."""

    part: Part
    ours: Any
    theirs: Any
    kinds: tuple[str, ...]
    """Kinds of the values of its parts."""

    @property
    def sort(self) -> tuple[str, str]:
        """What a review is about: the construct, and how the answers differ."""
        return self.part.made_by, f"{_sort(self.ours)} / {_sort(self.theirs)}"


def differences(seed: int, count: int, deep: int = 4) -> tuple[list[Difference], int]:
    """Every difference among so many texts, and how many texts both accept."""
    source = Texts(seed)
    wholes = [source.any(deep) for _ in range(count)]
    texts = sorted({part.text for whole in wholes for part in whole.walk()})
    mine = {text: ours(text) for text in texts}
    theirs = dict(zip(texts, _feelin(texts), strict=True))
    found = {id(d.part): d for whole in wholes for d in _smallest(whole, mine, theirs)}
    return list(found.values()), sum(
        mine[w.text] != REFUSED and theirs[w.text] != REFUSED for w in wholes
    )


def _smallest(whole: Part, mine: dict[str, Any], theirs: dict[str, Any]) -> Iterator[Difference]:
    for part in whole.walk():
        if same(mine[part.text], theirs[part.text]) or REFUSED in (
            mine[part.text],
            theirs[part.text],
        ):
            continue
        if all(same(mine[inner.text], theirs[inner.text]) for inner in part.parts):
            kinds = tuple(kind_of(mine[inner.text]) for inner in part.parts)
            yield Difference(part, mine[part.text], theirs[part.text], kinds)


def ours(text: str) -> Any:
    """Our answer, or that we refuse the text."""
    try:
        return Expression(text, list(VALUES)).evaluate(VALUES)
    except (FeelError, FuelSpent):
        return REFUSED


def same(mine: Any, other: Any) -> bool:
    """Equal, numbers as far as a double reaches."""
    if isinstance(mine, list) and isinstance(other, list):
        return len(mine) == len(other) and all(same(a, b) for a, b in zip(mine, other, strict=True))
    if isinstance(mine, dict) and isinstance(other, dict):
        return mine.keys() == other.keys() and all(same(part, other[k]) for k, part in mine.items())
    if isinstance(mine, Decimal) and isinstance(other, Decimal):
        return abs(mine - other) <= abs(mine) * Decimal("1e-12") + Decimal("1e-12")
    return type_of(mine) is type_of(other) and bool(mine == other)


def _feelin(texts: Iterable[str]) -> Iterator[Any]:
    values = {name: _given(value) for name, value in VALUES.items()}
    lines = "".join(json.dumps(line) + "\n" for line in (values, *texts))
    script = Path(__file__).with_name("feelin.mjs")
    done = subprocess.run(
        [node(), str(script), str(packages("feelin") / "dist/index.js")],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
    )
    for line in done.stdout.splitlines():
        told = json.loads(line)
        yield REFUSED if "refused" in told else _read(told["value"])


def _given(value: Any) -> Any:
    if isinstance(value, list):
        return [_given(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    return {"feel": f'@"{written(value)}"'} if not isinstance(value, bool | str | None) else value


def _read(told: Any) -> Any:
    if isinstance(told, list):
        return [_read(item) for item in told]
    if isinstance(told, dict):
        if "parts" in told:
            return {key: _read(part) for key, part in told["parts"].items()}
        if "number" in told:
            return None if told["number"] is None else Decimal(told["number"])
        return (
            moment(told["text"])
            if told["kind"] in {"FeelDate", "FeelTime", "FeelDateTime", "FeelDuration"}
            and moment(told["text"]) is not None
            else told
        )
    return told


def _sort(value: Any) -> str:
    return (
        str(value).lower()
        if value is None or isinstance(value, bool)
        else "strange"
        if isinstance(value, dict) and "text" in value
        else kind_of(value)
    )
