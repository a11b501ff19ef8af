"""Texts that a browser sends for a form, read into typed values; answers that a program sends as
JSON, as such texts; and the rows of a list that a page shows: how many, one more, one less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from service.errors import FieldFault
from service.forms.fields import CHOSEN, Field, Form, Raw
from service.forms.scope import FormContext, options_of
from service.forms.values import (
    Unreadable,
    clean,
    money,
    place_zone,
    read_date,
    read_moment,
    read_number,
)

MOST_ROWS = 100

Values = dict[str, object]


class AnswerReader:
    """Reads the texts of one form.

    `rows` holds the row numbers that the browser used for each list, `unread` the faults of texts
    that are no value of their kind.
    """

    def __init__(self, form: Form, raw: Raw, context: FormContext) -> None:
        self.form = form
        self.raw = raw
        self.context = context
        self.unread: list[FieldFault] = []
        self.rows: dict[str, list[int]] = {}

    def level(self, fields: tuple[Field, ...], prefix: str) -> Values:
        """The typed values of the fields of one level; None for what is empty or unreadable."""
        return {
            f.key: self._parse_one(f, prefix + f.key)
            for f in fields
            if f.key and not f.is_worked_out
        }

    def _parse_one(self, field: Field, path: str) -> object:
        try:
            return self._read(field, path)
        except Unreadable as error:
            self.unread.append(FieldFault(path, error.key, error.facts))
            return None

    def _read(self, field: Field, path: str) -> object:
        match field.kind:
            case "list":
                return self._read_rows(field, path)
            case "group" | "consent" | "consents":
                # what else is asked of a consent may be there because it was proposed
                asked = path + ".given" if field.kind == "consent" else ""
                filled = self._texts(asked) if asked else self._is_filled(field.fields, path + ".")
                return self.level(field.fields, path + ".") if filled else None
            case "money":
                return self._read_money(field, path)
            case "choices":
                return self._read_choices(field, path)
            case "file":
                return self._read_files(field, path)
        texts = self._texts(path)
        if texts and field.kind == "datetime":
            return read_moment(texts[-1], self.context.lang, self._zone(field, path))
        return self._read_text(field, texts[-1].strip()) if texts else None

    def _zone(self, field: Field, path: str) -> ZoneInfo:
        """The zone of the place that a moment belongs to, else the office's."""
        chosen = self._texts(path.removesuffix(field.key) + field.properties.get("zone", ""))
        return place_zone(field, chosen[-1] if chosen else None, self.context.zone)

    def _read_rows(self, field: Field, path: str) -> list[Values]:
        """The rows that have an answer; their numbers go into `rows`."""
        numbers = row_numbers(self.raw, path)
        filled = [n for n in numbers if self._is_filled(field.fields, f"{path}.{n}.")]
        self.rows[path] = filled
        return self._numbered(field, [self.level(field.fields, f"{path}.{n}.") for n in filled])

    def _numbered(self, field: Field, rows: list[Values]) -> list[Values]:
        """The rows with their ids: a row that the case knows keeps its own, others get new ones."""
        column = next((f for f in field.fields if "row_id" in f.properties), None)
        if column is None:
            return rows
        kept = [*self.context.before.get(field.key, ()), self.context.earlier.get(field.key)]
        known = {
            str(row.get(column.key))
            for version in kept
            for row in (version if isinstance(version, list) else ())
            if isinstance(row, dict) and column.key in row
        }
        mark = column.properties["row_id"]
        taken = [int(one.removeprefix(mark)) for one in known if one.removeprefix(mark).isdecimal()]
        following = max(taken, default=0) + 1
        used = set[object]()
        for row in rows:
            if row.get(column.key) not in known - used:
                row[column.key], following = f"{mark}{following}", following + 1
            used.add(row[column.key])
        return rows

    def _read_text(self, field: Field, text: str) -> object:
        offered = field.options or "options.from" in field.properties
        if field.kind in CHOSEN or field.kind == "yesno" or offered:
            return self._read_code(field, text)
        match field.kind:
            case "number":
                return read_number(text)
            case "date":
                return read_date(text, self.context.lang)
        return clean(text, one_line=field.kind == "text") or None

    def _read_code(self, field: Field, text: str) -> object:
        if not any(code == text for code, _ in options_of(self.form, field, self.context)):
            raise Unreadable("form.not_an_option")
        if field.kind == "yesno":
            return text == "true"
        try:
            return Decimal(text) if field.kind == "number" else text
        except InvalidOperation:
            raise Unreadable("form.not_a_number") from None

    def _read_choices(self, field: Field, path: str) -> object:
        texts = {t.strip() for t in self._texts(path)}
        codes = [code for code, _ in options_of(self.form, field, self.context)]
        if not texts <= set(codes):
            raise Unreadable("form.not_an_option")
        return [code for code in codes if code in texts] or None

    def _read_money(self, field: Field, path: str) -> object:
        amount = self._texts(path + ".amount")
        currency = self._texts(path + ".currency")
        if not amount:
            return None
        worth = read_number(amount[-1])
        if worth < 0 or worth != round(worth, 2):
            raise Unreadable("form.not_an_amount")
        chosen = currency[-1].strip() if currency else ""
        if chosen not in next((f.values for f in field.fields if f.key == "currency"), ()):
            raise Unreadable("form.currency_missing")
        return money(round(worth, 2), chosen, self.context.rates)

    def _read_files(self, field: Field, path: str) -> object:
        ids = list(dict.fromkeys(t.strip() for t in self._texts(path)))
        if self.context.documents is not None and not set(ids) <= set(self.context.documents):
            raise Unreadable("form.no_such_file")
        return (ids or None) if field.multiple else (ids[-1] if ids else None)

    def _texts(self, path: str) -> list[str]:
        return [t for t in self.raw.get(path, ()) if t.strip()]

    def _is_filled(self, fields: tuple[Field, ...], prefix: str) -> bool:
        """Whether anything was typed, besides a currency, which a page may have chosen already."""
        return any(self._has_text(f, prefix + f.key) for f in fields if f.key)

    def _has_text(self, field: Field, path: str) -> bool:
        if field.is_worked_out or "row_id" in field.properties:
            return False
        if field.kind == "money":
            return bool(self._texts(path + ".amount"))
        if field.kind == "list":
            return any(
                self._is_filled(field.fields, f"{path}.{n}.") for n in row_numbers(self.raw, path)
            )
        return (
            self._is_filled(field.fields, path + ".") if field.fields else bool(self._texts(path))
        )


def row_numbers(raw: Raw, path: str) -> list[int]:
    """The row numbers that the browser used for a list, in order.

    One more than a form may hold, so that too many is a fault.
    """
    row = re.compile(re.escape(path) + r"\.(\d{1,3})\.", re.ASCII)
    return sorted({int(m[1]) for key in raw if (m := row.match(key))})[: MOST_ROWS + 1]


def flatten(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Structured answers as a browser would send them: `risks.0.severity` to texts."""
    texts: dict[str, list[str]] = {}
    for path, text in _leaves("", answers):
        texts.setdefault(path, []).append(text)
    return texts


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}.{number}" if isinstance(inner, Mapping) else path, inner)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, str(value)


def wanted_rows(raw: Raw, path: str, field: Field) -> int:
    """How many rows to draw.

    As many as asked for, at least the fewest, and one to begin with where the list is required.
    """
    asked = (raw.get(path + ".rows") or ["0"])[-1]
    count = int(asked) if re.fullmatch(r"\d{1,3}", asked, re.ASCII) else 0
    return min(
        max(count, field.limits.fewest_rows, 1 if field.required else 0), field.limits.most_rows
    )


def with_row(raw: Raw, path: str, field: Field) -> dict[str, list[str]]:
    """The same texts, asking for one more row of a list."""
    shown = max(wanted_rows(raw, path, field), len(row_numbers(raw, path)))
    return {**raw, path + ".rows": [str(shown + 1)]}


def drawn_rows(sent: list[int], wanted: int) -> list[int]:
    """The numbers of the rows of a list in the order in which they are drawn: an empty one stays
    where it was; where a row was taken away nobody knows where, and it comes last.

    Args:
        sent: those that have an answer.
        wanted: how many there are.
    """
    blank = [n for n in range(wanted) if n not in sent][: max(wanted - len(sent), 0)]
    return sorted([*sent, *blank]) if max(sent, default=0) < wanted else [*sent, *blank]


def last_row(raw: Raw, path: str) -> str:
    """The path of the row that is drawn last in a list; that of the list where it has none."""
    numbers = row_numbers({key: texts for key, texts in raw.items() if any(texts)}, path)
    asked = (raw.get(path + ".rows") or ["0"])[-1]
    count = int(asked) if re.fullmatch(r"\d{1,3}", asked, re.ASCII) else 0
    drawn = drawn_rows(numbers, count)
    return f"{path}.{drawn[-1]}" if drawn else path


def without_row(raw: Raw, path: str, number: int) -> dict[str, list[str]]:
    """The same texts, without the row that the browser calls `path.number`."""
    gone = f"{path}.{number}."
    left = {key: texts for key, texts in raw.items() if not key.startswith(gone)}
    return {**left, path + ".rows": [str(len(row_numbers(left, path)))]}


def changed_rows(typed: Raw, form: Form | None, button: str) -> Raw:
    """The texts with one row more or less in a list; as they are for another button.

    Args:
        button: `add:<path of the list>` or `remove:<path of the row>`.
    """
    what, _, path = button.partition(":")
    if what not in ("add", "remove"):
        return typed
    if what == "remove":
        holder, _, row = path.rpartition(".")
        return without_row(typed, holder, int(row)) if row.isdigit() else typed
    wanted = ".".join(part for part in path.split(".") if not part.isdigit())
    known = form.walk() if form is not None else ()
    lists = (field for at, field in known if at == wanted and field.kind == "list")
    field = next(lists, None)
    return with_row(typed, path, field) if field is not None else typed
