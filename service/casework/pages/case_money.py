"""The money of a case: planned, committed and paid, line by line, and the sums.

No table of its own: a form declares on a field of money what its amounts are (property `money`,
`<kind> <state>`), which question next to it names them (`money.of`), which one holds the receipt
(`money.receipt`), and whether every answer counts or the newest alone (`money.each`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.hidden_answers import hides
from service.casework.cases.given_answers import GivenAnswer
from service.forms import Field, Form, Json
from service.forms.values import to_text

STATES = ("planned", "committed", "paid")
"""What an amount may be, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One amount of a case."""

    kind: str
    what: str
    state: str
    amount: Decimal
    currency: str
    receipt: bool
    """Whether there is one that the viewer may see."""
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class MoneySum:
    """What a kind comes to in one currency; texts, in the order of `STATES`."""

    kind: str
    currency: str
    amounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoneyView:
    """What the page shows of the money of a case."""

    lines: tuple[tuple[MoneyLine, str], ...]
    """Each with its amount as text."""
    sums: tuple[MoneySum, ...]
    ceiling: str
    funder: str
    classes: frozenset[str]
    """Classes of the answers that the lines come from."""
    hidden: bool
    """Whether forms that were sent ask for amounts, and the viewer may see none of them."""


def money(at: CaseView) -> MoneyView:
    """The lines that the viewer may see, sums by kind and currency, the ceiling and the funder."""
    names = at.configuration.named_fields.answers
    seen = [answer for answer in at.answers if at.visibility.see(answer)]
    lines = list(_lines(at, seen))
    ceiling, funder = (
        at.words.text(at.shown[key]) if key in at.shown else ""
        for key in (names.plan_ceiling, names.money_funder)
    )
    classes = frozenset({"C0", *(answer.klass for answer in seen if _is_money(at, answer))})
    shown = tuple((line, _amount(at, line.amount)) for line in lines)
    hidden = not lines and hides(at, _money_keys(at))
    return MoneyView(shown, tuple(_sums(at, lines)), ceiling, funder, classes, hidden)


def _money_keys(at: CaseView) -> frozenset[str]:
    """Keys of the fields that hold amounts."""
    fields = [f for form in at.visibility.release.forms.values() for f in form.fields]
    return frozenset(
        f.key for f in fields if any("money" in one.properties for one in (f, *f.fields))
    )


def _is_money(at: CaseView, answer: GivenAnswer) -> bool:
    field, _ = at.field_of(answer)
    return field is not None and any("money" in one.properties for one in (field, *field.fields))


def _lines(at: CaseView, answers: Sequence[GivenAnswer]) -> Iterator[MoneyLine]:
    """The lines of all answers; of a field that counts once only those of its newest answer."""
    kept: dict[tuple[str, int], tuple[GivenAnswer, Field, Form]] = {}
    for answer in answers:
        field, form = at.field_of(answer)
        if field is None or form is None:
            continue
        each = any(f.properties.get("money.each") == "yes" for f in (field, *field.fields))
        place = (answer.key, answer.rev if each else 0)
        kept.pop(place, None)
        kept[place] = (answer, field, form)
    for answer, field, form in kept.values():
        around = {a.key: a.value for a in answers if a.rev == answer.rev}
        yield from _of_answer(at, answer, (field, form), around)


def _of_answer(
    at: CaseView, answer: GivenAnswer, place: tuple[Field, Form], around: Mapping[str, Json]
) -> Iterator[MoneyLine]:
    field, form = place
    if "money" in field.properties:
        yield from _line(at, answer, place, answer.value, around)
    elif field.kind == "list" and isinstance(answer.value, list):
        for row in answer.value:
            for inner in field.fields:
                if "money" in inner.properties and isinstance(row, dict):
                    yield from _line(at, answer, (inner, form), row.get(inner.key), row)


def _line(
    at: CaseView,
    answer: GivenAnswer,
    place: tuple[Field, Form],
    value: Json,
    around: Mapping[str, Json],
) -> Iterator[MoneyLine]:
    """The line of one amount; none where nothing was typed, or what it names was dropped."""
    field, form = place
    names = at.configuration.named_fields.answers
    if not isinstance(value, dict) or around.get(names.plan_state) == names.plan_dropped:
        return
    kind, _, state = field.properties["money"].partition(" ")
    named, paper = (field.properties.get(f"money.{part}", "") for part in ("of", "receipt"))
    kinds = at.configuration.money_kinds
    yield MoneyLine(
        kinds.get(kind, {}).get(at.words.lang, kind),
        _what(at, form, named, around),
        state,
        Decimal(str(value.get("amount", "0"))),
        str(value.get("currency", "")),
        bool(paper and around.get(paper)),
        answer.at,
        at.who(answer.by, answer.office),
    )


def _what(at: CaseView, form: Form, named: str, around: Mapping[str, Json]) -> str:
    """What an amount is for: the answer to the question next to it, in words."""
    for path, field in form.walk():
        if named and path.rpartition(".")[2] == named and around.get(named) is not None:
            return at.words.said(form, field, around[named])
    return ""


def _amount(at: CaseView, amount: Decimal) -> str:
    return to_text("money", f"{amount:.2f}", at.words.lang, at.words.zone)


def _sums(at: CaseView, lines: Iterable[MoneyLine]) -> Iterator[MoneySum]:
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for line in lines:
        by_state = sums.setdefault((line.kind, line.currency), dict.fromkeys(STATES, Decimal(0)))
        by_state[line.state] = by_state.get(line.state, Decimal(0)) + line.amount
    for (kind, currency), by_state in sums.items():
        yield MoneySum(kind, currency, tuple(_amount(at, by_state[state]) for state in STATES))
