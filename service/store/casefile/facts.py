"""Facts: everything that moved a case, in order, never changed, and the sealed values of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import and_, bindparam, insert, or_, select, tuple_

from service.store.at_hand import known as known_rows
from service.store.installation import keys
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns
from service.store.tables import cases, fact, fact_payload, release

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer

Stimulus: TypeAlias = "dict[str, Any]"
"""Ids and codes of a stimulus, as a fact stores them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a fact tells of its turn, without values: the stimulus, what happened at which element,
    and kinds, elements and numbers of what waits afterwards.

    Numbers of rule rows are not among the steps.
    """

    stimulus: Stimulus
    steps: list[Any]
    open: list[Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, without values. `at` is the `now` of the turn and `rev` its seed.

    `state` is a keyed digest of the engine's state.
    """

    case_id: str
    rev: int
    at: datetime
    actor: str
    office: str
    kind: str
    element: str
    nth: int
    work_id: str
    form: str
    release_id: str
    engine: str
    turn: Turn = field(repr=False)
    state: str

    @property
    def steps(self) -> list[Any]:
        """What happened at which element."""
        return self.turn.steps

    @property
    def stimulus(self) -> Stimulus:
        """The stimulus without values."""
        return self.turn.stimulus


@dataclass(frozen=True, slots=True)
class FactPayload:
    """The sealed values of a fact: routing values, and the answers of each class; None where there
    are none, or where they are gone.
    """

    case_id: str
    rev: int
    routing: bytes | None = None
    c0: bytes | None = None
    c1: bytes | None = None
    c2: bytes | None = None
    c3: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What one fact answered in one class, sealed."""

    klass: str
    sealed: bytes
    case_id: str
    rev: int
    element: str
    nth: int
    form: str
    actor: str
    office: str
    at: datetime
    kind: str


CORRECTION = "correction"
"""Kind of a fact that corrects what an earlier one answered: at the same element, with the same
number and form."""
OF_TURN = tuple(one.name for one in fields(Fact) if one.name not in ("turn", "release_id"))
ABOUT = ("case_id", "rev", "element", "nth", "form", "actor", "office", "at", "kind")
"""What answers tell of their fact."""
COLUMN = {"C0": "c0", "C1": "c1", "C2": "c2", "C3": "c3"}
"""Class to the column that holds its answers."""
NOW_ON = release.alias("now_on")
RELEASED = (
    fact.join(cases, cases.c.id == fact.c.case_id)
    .join(NOW_ON, NOW_ON.c.id == cases.c.release_id)
    .join(
        release,
        and_(release.c.process == NOW_ON.c.process, release.c.number == fact.c.release),
    )
)
"""Facts with the releases that they ran on: all releases of a case are of one process."""
RELEASE = select(release.c.number).where(release.c.id == bindparam("release_id"))
ADD = PreparedStatement(
    insert(fact).values(
        {
            **{name: bindparam(name) for name in (*OF_TURN, "turn")},
            "release": RELEASE.scalar_subquery(),
        }
    )
)
ADD_PAYLOAD = PreparedStatement(insert(fact_payload))
LOWEST: Final = -(2**31)
"""Number after which every fact comes, also one that was put in by hand."""
WITH_CASE = fact.c.case_id == bindparam("case_id")
THEIR_FACT = (fact.c.case_id == fact_payload.c.case_id) & (fact.c.rev == fact_payload.c.rev)
WITHOUT_FACT = (
    select(fact_payload.c.rev)
    .outerjoin(fact, THEIR_FACT)
    .where(fact_payload.c.case_id == bindparam("case_id"), fact.c.rev.is_(None))
)
OF_NO_FACT = PreparedStatement(WITHOUT_FACT.order_by(fact_payload.c.rev))
ROWS = select(
    *(release.c.id if f.name == "release_id" else fact.c[f.name] for f in fields(Fact))
).select_from(RELEASED)
SELECTED = ROWS.where(WITH_CASE, fact.c.rev > bindparam("after")).order_by(fact.c.rev)
OF_CASES = PreparedStatement(
    ROWS.where(in_list(fact.c.case_id, "case_ids")).order_by(fact.c.case_id, fact.c.rev)
)
OF_CASE = PreparedStatement(SELECTED)
OF_CASE_UPTO = PreparedStatement(SELECTED.where(fact.c.rev <= bindparam("upto")))
KINDS = PreparedStatement(
    select(fact.c.kind).where(WITH_CASE, fact.c.rev > bindparam("after")).order_by(fact.c.rev)
)
PAYLOADS = PreparedStatement(
    select(*columns(fact_payload, FactPayload)).where(in_list(fact_payload.c.case_id, "case_ids"))
)
CLASSES_ANSWERED = PreparedStatement(
    select(
        fact_payload.c.rev, *(fact_payload.c[column].is_not(None) for column in COLUMN.values())
    ).where(fact_payload.c.case_id == bindparam("case_id"))
)
OF_PERSONS = ("complete", "message", CORRECTION)
"""Kinds of facts that four eyes look at: a person finished a step, sent a message, or corrected
either.
"""
WHO_COMPLETED = PreparedStatement(
    select(fact.c.element, fact.c.actor, fact.c.kind)
    .where(
        WITH_CASE,
        or_(*(fact.c.kind == kind for kind in OF_PERSONS)),
        in_list(fact.c.element, "elements"),
    )
    .order_by(fact.c.rev)
)


def add(writer: Writer, row: Fact, payload: FactPayload) -> None:
    """Write a fact and its sealed values.

    Raises:
        CaseMoved: the case has a fact of this number already.
    """
    turn = {name: getattr(row.turn, name) for name in ("stimulus", "steps", "open")}
    writer.later(
        ADD,
        {name: getattr(row, name) for name in OF_TURN}
        | {"turn": turn, "release_id": row.release_id},
    )
    writer.later(ADD_PAYLOAD, {one.name: getattr(payload, one.name) for one in fields(FactPayload)})


def of_case(reader: Reader, case_id: str, *, after: int = 0, upto: int | None = None) -> list[Fact]:
    """Facts of a case in order, those after number `after`, to number `upto`."""
    known = _known(reader, case_id, after)
    if known is not None:
        return [one for one in known if after < one.rev and (upto is None or one.rev <= upto)]
    return reader.all(_fact, *read_of_case(case_id, after=after, upto=upto))


def read_of_case(case_id: str, *, after: int = 0, upto: int | None = None) -> Read:
    """What `of_case` reads."""
    given = {"case_id": case_id, "after": after}
    return (OF_CASE, given) if upto is None else (OF_CASE_UPTO, {**given, "upto": upto})


def _known(reader: Reader, case_id: str, after: int) -> list[Fact] | None:
    """Facts of a case that this transaction has read, those after `after` among them."""
    for first in (0, LOWEST):
        if after >= first:
            given = {"case_id": case_id, "after": first}
            known = known_rows(reader, _fact, OF_CASE, given)
            if known is not None:
                return known
    return None


def of_cases(reader: Reader, case_ids: Collection[str]) -> dict[str, list[Fact]]:
    """Facts of several cases in order, by case."""
    found: dict[str, list[Fact]] = {id_: [] for id_ in case_ids}
    for row in reader.all(_fact, OF_CASES, {"case_ids": (*sorted(found),)}):
        found[row.case_id].append(row)
    return found


def elements(reader: Reader, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Where facts happened: (case, number) to element."""
    if not places:
        return {}
    wanted = select(fact.c.case_id, fact.c.rev, fact.c.element).where(
        fact.c.case_id.in_(sorted({case_id for case_id, _ in places})),
        tuple_(fact.c.case_id, fact.c.rev).in_(sorted(places)),
    )
    return {(case_id, rev): element for case_id, rev, element in reader.all(_as_they_are, wanted)}


def _as_they_are(*row: Any) -> tuple[Any, ...]:  # noqa: ANN401 - the columns of a row
    return row


def kinds_after(reader: Reader, case_id: str, rev: int) -> list[str]:
    """Kinds of the facts of a case after number `rev`, in order."""
    return reader.all(str, KINDS, {"case_id": case_id, "after": rev})


def _fact(*row: Any) -> Fact:  # noqa: ANN401 - a database row has the kinds of its columns
    *first, turn, state = row
    return Fact(*[*first, Turn(**turn), state])


def payloads(reader: Reader, case_ids: Collection[str]) -> dict[tuple[str, int], FactPayload]:
    """The sealed values of the facts of several cases, by case and number."""
    rows = reader.all(FactPayload, *read_of_payloads(case_ids))
    return {(row.case_id, row.rev): row for row in rows}


def read_of_payloads(case_ids: Collection[str]) -> Read:
    """What `payloads` reads."""
    return PAYLOADS, {"case_ids": (*sorted(case_ids),)}


def answers(
    reader: Reader,
    case_id: str,
    *,
    classes: Collection[str],
    upto: int | None = None,
    forms: Collection[str] | None = None,
) -> list[Answers]:
    """Answers of the classes that the reader may see, oldest first; others are not even fetched.

    Where a transaction has read all that is sealed in a case, nothing is fetched again.
    """
    sealed = _known_payloads(reader, case_id)
    known = _known(reader, case_id, 0) if sealed is not None else None
    if sealed is not None and known is not None:
        return _answers_among(sealed, known, classes, upto, forms)
    given: dict[str, object] = {"case_ids": (case_id,)}
    if upto is not None:
        given["upto"] = upto
    if forms is not None:
        given["forms"] = (*sorted(forms),)
    return _answers(reader, classes, given)


def _known_payloads(reader: Reader, case_id: str) -> list[FactPayload] | None:
    """The sealed values of a case, when this transaction has read them."""
    return known_rows(reader, FactPayload, PAYLOADS, {"case_ids": (case_id,)})


def _answers_among(
    sealed: Sequence[FactPayload],
    known: Sequence[Fact],
    classes: Collection[str],
    upto: int | None,
    forms: Collection[str] | None,
) -> list[Answers]:
    """What `answers` gives, of rows that were read."""
    chosen = {klass: name for klass, name in COLUMN.items() if klass in classes}
    of_rev = {row.rev: row for row in sealed}
    return [
        Answers(klass, value, *(getattr(one, about) for about in ABOUT))
        for one in known
        if one.rev in of_rev and (upto is None or one.rev <= upto)
        if forms is None or one.form in forms
        for klass, name in chosen.items()
        if (value := getattr(of_rev[one.rev], name)) is not None
    ]


def reads_of_answers(
    case_id: str,
    classes: Collection[str],
    forms: Collection[str] | None = None,
    *,
    upto: int | None = None,
) -> list[Read]:
    """What `answers` reads of these classes, and the keys for which they are sealed.

    Args:
        upto: number of the last fact whose answers count; None for all.
        forms: ids of the forms whose answers are wanted; None for all.
    """
    chosen = tuple(klass for klass in COLUMN if klass in classes)
    given: dict[str, object] = {"case_ids": (case_id,)}
    if upto is not None:
        given["upto"] = upto
    if forms is not None:
        given["forms"] = (*sorted(forms),)
    # the keys last: what is read was sealed for a key that was there before it
    return [(_answered(chosen, (*given,)), given), keys.read_of_case(case_id)] if chosen else []


def answers_of_cases(
    reader: Reader, case_ids: Collection[str], *, classes: Collection[str], forms: Collection[str]
) -> list[Answers]:
    """Answers of several cases in some forms, of the classes that the reader may see, the oldest of
    each case first.
    """
    given = {"case_ids": (*sorted(case_ids),), "forms": (*sorted(forms),)}
    return _answers(reader, classes, given)


def _answers(
    reader: Reader, classes: Collection[str], given: Mapping[str, object]
) -> list[Answers]:
    chosen = tuple(klass for klass in COLUMN if klass in classes)
    rows = reader.all(_as_they_are, _answered(chosen, (*given,)), given) if chosen else []
    return _answers_of(chosen, rows)


def _answers_of(chosen: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[Answers]:
    """The answers of each row, whose sealed values of these classes come first."""
    return [
        Answers(klass, value, *row[len(chosen) :])
        for row in rows
        for klass, value in zip(chosen, row, strict=False)
        if value is not None
    ]


@cache
def _answered(chosen: tuple[str, ...], names: tuple[str, ...]) -> PreparedStatement:
    """Answers of some classes alone, narrowed by the values of these names."""
    sealed = [fact_payload.c[COLUMN[klass]] for klass in chosen]
    rules = {
        "case_ids": in_list(fact.c.case_id, "case_ids"),
        "upto": fact.c.rev <= bindparam("upto"),
        "forms": in_list(fact.c.form, "forms"),
    }
    return PreparedStatement(
        select(*sealed, *(fact.c[name] for name in ABOUT))
        .select_from(fact.join(fact_payload, THEIR_FACT))
        .where(*(rules[name] for name in names))
        .order_by(fact.c.case_id, fact.c.rev)
    )


def classes_answered(reader: Reader, case_id: str) -> dict[int, list[str]]:
    """Number of each fact to the classes in which it answered."""
    known = _known_payloads(reader, case_id)
    if known is not None:
        return {
            row.rev: [klass for klass, name in COLUMN.items() if getattr(row, name) is not None]
            for row in known
        }
    return {
        rev: [klass for klass, filled in zip(COLUMN, found, strict=True) if filled]
        for rev, *found in reader.all(_as_they_are, CLASSES_ANSWERED, {"case_id": case_id})
    }


def payloads_of_no_fact(reader: Reader, case_id: str) -> list[int]:
    """Numbers of sealed payloads of a case without the fact that they would be of."""
    return reader.all(int, OF_NO_FACT, {"case_id": case_id})


def read_of_who(case_id: str, elements: Collection[str]) -> Read:
    """What `who_completed` reads."""
    return WHO_COMPLETED, {"case_id": case_id, "elements": (*sorted(elements),)}


def who_completed(reader: Reader, case_id: str, elements: Collection[str]) -> dict[str, set[str]]:
    """For four eyes: who completed each of these elements last, or sent its message, and who has
    corrected it since.

    Where all facts of the case are read, these are asked.
    """
    found: dict[str, set[str]] = {}
    known = _known(reader, case_id, 0)
    if known is None:
        rows = reader.all(_as_they_are, *read_of_who(case_id, elements))
    else:
        done = (one for one in known if one.kind in OF_PERSONS)
        rows = [(one.element, one.actor, one.kind) for one in done if one.element in elements]
    for element, actor, kind in rows:
        before = found.get(element, set()) if kind == CORRECTION else set()
        found[element] = {*before, actor}
    return found
