"""Convert an answer between its three shapes: typed text, typed value, and JSON.

Text is what a person types, the typed value is what a condition sees, JSON is what is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from service.forms.fields import Field, Json

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february",
            "mar mars march",
            "apr april",
            "maj may",
            "jun juni june",
            "jul juli july",
            "aug augusti august",
            "sep sept september",
            "okt oct oktober october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}

BLANKS = re.compile(r"[\s   ]+")
NUMBER = re.compile(r"[-−]?\d{1,12}(?:[.,]\d{1,6})?")
THOUSANDS = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+\.\d+|[-−]?\d{1,3}(?:\.\d{3})+,\d+")
YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})|(\d{4})(\d\d)(\d\d)")
DAY_FIRST = re.compile(r"(\d{1,2})(/|\.|\. ?|-)(\d{1,2})([-/. ]| - )(\d{4})")
WORDED = re.compile(r"(\d{1,2})\.? ([a-zåäö]{3,9})\.?,? (\d{4})")
TIME = re.compile(
    r"(?P<day>.+?)(?:T| +(?:kl\.? ?)?|, )"
    r"(?P<h>\d{1,2})[:.](?P<m>\d\d)(?::\d\d(?:\.\d+)?)?"
    r"(?P<off> ?(?:Z|[+-]\d\d:?\d\d))?"
)
CONTROL = {c: None for c in range(32) if c not in (9, 10)} | {127: None, 0x200B: None, 0xFEFF: None}
LONGEST_TEXT = 20_000
MONTHS_OF_A_YEAR = 12
FIRST_YEAR, LAST_YEAR = 1900, 2199


class Unreadable(ValueError):
    """A text that is no value of its kind; `key` is the text key of the sentence."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def clean(text: str, *, one_line: bool) -> str:
    """A text trimmed, in composed letters, without control characters; in one line if asked."""
    lines = text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", lines).translate(CONTROL)
    return " ".join(text.split()) if one_line else text.strip()


def read_number(text: str) -> Decimal:
    """Read a number: `12`, `1 234,50`, `1,234.50`; comma or point, blanks between thousands."""
    bare = BLANKS.sub("", text)
    if THOUSANDS.fullmatch(bare):
        mark = max(bare.rfind(","), bare.rfind("."))
        bare = re.sub("[.,]", "", bare[:mark]) + "." + bare[mark + 1 :]
    if not NUMBER.fullmatch(bare):
        raise Unreadable("form.not_a_number")
    try:
        return Decimal(bare.replace(",", ".").replace("−", "-"))
    except InvalidOperation:  # digits of another script
        raise Unreadable("form.not_a_number") from None


def read_date(text: str, lang: str) -> date:
    """Read a date: `2026-03-04`, `4/3 2026`, `4 mars 2026`.

    `4/3/2026` only where the language, or a day above 12, makes it certain.
    """
    text = " ".join(text.split()).lower()
    if m := YEAR_FIRST.fullmatch(text):
        return _day(m[1] or m[4], m[2] or m[5], m[3] or m[6])
    if m := WORDED.fullmatch(text):
        return _day(m[3], str(MONTHS.get(m[2], 0)), m[1])
    if not (m := DAY_FIRST.fullmatch(text)):
        raise Unreadable("form.not_a_date")
    first, second, year = m[1], m[3], m[5]
    if m[2] == "/" and m[4] == "/" and lang != "sv" and first != second:
        if int(first) <= MONTHS_OF_A_YEAR and int(second) <= MONTHS_OF_A_YEAR:
            raise Unreadable("form.date_unsure")
        if int(second) > MONTHS_OF_A_YEAR:
            first, second = second, first
    return _day(year, second, first)


def typed_day(text: str, lang: str) -> date | None:
    """A day as people type it, as in `read_date`; None when it is none, or not certain."""
    try:
        return read_date(text, lang)
    except Unreadable:
        return None


def _day(year: str, month: str, day: str) -> date:
    try:
        made = date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable("form.no_such_day") from None
    if not FIRST_YEAR <= made.year <= LAST_YEAR:
        raise Unreadable("form.no_such_day")
    return made


def read_moment(text: str, lang: str, zone: ZoneInfo) -> datetime:
    """Read a date and a time of day, in the office's zone unless an offset follows.

    `2026-03-04 14:30`, `4/3 2026 14.30`, `2026-03-04T14:30+01:00`.
    """
    m = TIME.fullmatch(" ".join(text.split()))
    if not m:
        raise Unreadable("form.not_a_moment")
    day = read_date(m["day"], lang)
    hour = int(m["h"])
    minute = int(m["m"])
    try:
        there = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        if m["off"]:
            iso = f"{there:%Y-%m-%dT%H:%M:00}{m['off'].strip()}"
            return datetime.fromisoformat(iso).astimezone(zone)
    except ValueError:
        raise Unreadable("form.not_a_moment") from None
    if there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != there.replace(tzinfo=None):
        raise Unreadable("form.clocks_jump")
    return there


def place_zone(field: Field, chosen: object, office: ZoneInfo) -> ZoneInfo:
    """The zone in which a moment is typed and shown.

    Args:
        field: its property `zone` names the question next to it that asks for the place's zone.
        chosen: the answer to that question.
        office: the zone where there is no such question, or no answer.
    """
    if "zone" not in field.properties or not isinstance(chosen, str):
        return office
    try:
        return ZoneInfo(chosen.strip())
    except (ValueError, KeyError, OSError):  # not the name of a zone
        return office


def money(amount: Decimal, currency: str, rates: Mapping[str, Decimal]) -> dict[str, object]:
    """An amount as conditions see it.

    `base` is its worth in the base currency of the rates, null without a rate.
    """
    rate = rates.get(currency)
    return {"amount": amount, "currency": currency, "base": None if rate is None else amount * rate}


# ---- typed value and JSON


def to_json(kind: str, value: object) -> Json:
    """The typed value as it is kept."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {
            k: to_json("", v) if k != "amount" else f"{v:.2f}"
            for k, v in value.items()
            if v is not None and not (kind == "money" and k == "base")
        }
    if isinstance(value, list | tuple):
        return [to_json("", v) for v in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class DisplayContext:
    """What a kept answer is read with: the zone of its moments, and what currencies are worth."""

    zone: ZoneInfo
    rates: Mapping[str, Decimal] = field(default_factory=dict)


def from_json(kind: str, value: Json, place: DisplayContext) -> object:
    """The kept answer as conditions see it; None for what is not of the kind."""
    try:
        return None if value is None else FROM_JSON.get(kind, _loose)(value, place)
    except (ValueError, TypeError, ArithmeticError, KeyError):
        return None


def _loose(value: Json, place: DisplayContext) -> object:
    """Without a declared kind: numbers become decimals, the rest stays."""
    if isinstance(value, list):
        return [_loose(v, place) for v in value]
    if isinstance(value, dict):
        if set(value) == {"amount", "currency"}:
            return from_json("money", value, place)
        if set(value) == {"@"}:
            return _literal(str(value["@"]), place)
        return {k: _loose(v, place) for k, v in value.items()}
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _literal(text: str, place: DisplayContext) -> object:
    """A number or a time inside a routing value, which the engine keeps as `{"@": "0.5"}`."""
    for kind in ("number", "date", "datetime"):
        if (value := from_json(kind, text, place)) is not None:
            return value
    return text


def _money(value: Json, place: DisplayContext) -> object:
    if not isinstance(value, dict):
        return None
    return money(Decimal(str(value["amount"])), str(value["currency"]), place.rates)


def _moment(value: Json, place: DisplayContext) -> object:
    made = datetime.fromisoformat(str(value))
    return made.astimezone(place.zone) if made.tzinfo else made.replace(tzinfo=place.zone)


FROM_JSON: Mapping[str, Callable[[Json, DisplayContext], object]] = {
    "number": lambda v, _: Decimal(str(v)),
    "date": lambda v, _: date.fromisoformat(str(v)),
    "datetime": _moment,
    "money": _money,
    "yesno": lambda v, _: v if isinstance(v, bool) else None,
}


def field_from_json(field: Field, value: Json, place: DisplayContext) -> object:
    """The kept answer of a field as conditions see it, lists and groups by their fields' kinds."""
    if field.kind == "list" and isinstance(value, list):
        return [_inside(field, row, place) for row in value]
    if field.kind in ("group", "consent", "consents") and isinstance(value, dict):
        return _inside(field, value, place)
    return from_json(field.kind, value, place)


def _inside(field: Field, value: Json, place: DisplayContext) -> object:
    given = value if isinstance(value, dict) else {}
    return {
        inner.key: field_from_json(inner, given.get(inner.key), place) for inner in field.fields
    }


# ---- JSON to the text in the field


def to_text(kind: str, value: Json, lang: str, zone: ZoneInfo) -> str:
    """A kept answer as a person would have typed it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == "datetime":
        moment = from_json(kind, value, DisplayContext(zone))
        return moment.strftime("%Y-%m-%d %H:%M") if isinstance(moment, datetime) else str(value)
    if kind in ("number", "money") and lang == "sv":
        return str(value).replace(".", ",")
    return str(value)
