"""Erasing the records that an office wrote in an ended case: all of them, or some classes.

The keys go, and with them everything that was sealed for them, wherever a copy lies; what was
sealed is deleted from the live tables besides. With the first erasure in a case goes what its
running needed: routing values are answers too. What stays is the path, with what the ledger
committed to.
Source: decisions/0118.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog

from service import fault_points
from service.access import CLASSES
from service.casework.casefile.documents import sealed_class
from service.casework.casefile.notes import CLASS as NOTES
from service.casework.cases import card_words
from service.casework.cases.consents import WORDS
from service.casework.cases.protection import USUAL
from service.casework.retention.acts import add_act
from service.casework.retention.kept import for_later
from service.casework.retention.later_rules import PLACE, place_of
from service.errors import CannotOpen, NotErasable, NotFound
from service.records import fact_format
from service.records.case_keys import CaseKeys, own_name, records_name
from service.records.context import Actor, Services
from service.records.ids import ulid
from service.security import ledger_lines
from service.security.erasure_list import DONE, ErasureList, ListedErasure
from service.store.casefile import (
    cases,
    consents,
    documents,
    erasing,
    facts,
    notes,
    path_erasing,
    retention_acts,
)
from service.store.casefile.retention_acts import DESTROY, HAND_OVER, LOCK, REVIEW, RetentionAct
from service.store.installation import keys as stored_keys
from service.store.lists import case_access
from service.store.transaction import Tx

log = structlog.get_logger("retention")
ERASED: Final = "erased"
"""Kind of the ledger entry of an erasure, and what comes of a task about what is erased."""
ABOUT_KEPT: Final = frozenset({LOCK, REVIEW, HAND_OVER})
"""What an act about records is that ends when they are erased."""


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """What is erased, and why: the records of one office of these classes, by a rule of a plan or,
    earlier, because two persons said so.
    """

    case_id: str
    office: str
    """"" for what no office wrote, such as the papers of a handler."""
    classes: Collection[str]
    rule: str
    plan: str
    """Id of the release whose plan the rule is of."""
    approval: str = ""


@dataclass(frozen=True, slots=True)
class ActMark:
    """What an act is known by: of one that is done again in a restored copy, what it was."""

    id: str
    at: datetime
    by: str = ""
    """"" for who does it now."""
    keys: Collection[str] = ()
    """Ids of keys that went before."""
    again: bool = False


def erase(
    tx: Tx, services: Services, order: ErasureOrder, *, by: Actor, now: datetime
) -> RetentionAct:
    """Erase records of an office in an ended case, in this transaction.

    Whoever calls it has looked at holds, and at who may.

    Raises:
        NotFound: no such case, or nothing of that office and these classes is left in it.
        NotErasable: the case is open; or a column holds something of a person that no erasure
            knows.
    """
    case, mark = _require_erasable(tx, order.case_id), ActMark(ulid(now), now)
    later = later_of(tx, services, order, case, mark.id)
    return erase_loaded(tx, services, order, case, mark, by=by, now=now, later=later)


def erase_loaded(
    tx: Tx,
    services: Services,
    order: ErasureOrder,
    case: cases.Case,
    mark: ActMark,
    *,
    by: Actor,
    now: datetime,
    later: dict[str, Any],
) -> RetentionAct:
    """Erase records of an office in an ended case that this transaction has locked, and name it in
    the list outside.

    Args:
        later: what `later_of` gives.
    Raises:
        NotFound, NotErasable: as `erase` says.
    """
    require_known_columns()
    act = carry_out(tx, services, order, case, mark, by=by, now=now, later=later)
    _list(tx, services, act)
    return act


def path_order(case_id: str, rule: str, plan: str) -> ErasureOrder:
    """The order that erases the path of a case, by a rule of a plan."""
    return ErasureOrder(case_id, "", (cases.PATH,), rule, plan)


def erase_path(
    tx: Tx, services: Services, order: ErasureOrder, *, by: Actor, now: datetime
) -> RetentionAct:
    """Erase the path of a case of which nothing else is left, in this transaction: what it was
    called, and every row by which a list still singles it out. Facts and the ledger stay: they are
    written once.

    Args:
        order: as `path_order` makes it.
    Raises:
        NotFound: no such case, or something else is left of it.
        NotErasable: as `erase` says.
    """
    _require_erasable(tx, order.case_id)
    act = carry_out_path(tx, order, ActMark(ulid(now), now), by=by, now=now)
    _list(tx, services, act)
    return act


def carry_out_path(
    tx: Tx, order: ErasureOrder, mark: ActMark, *, by: Actor, now: datetime
) -> RetentionAct:
    """Erase the path of a case that this transaction has locked.

    Raises:
        NotFound: something else is left of it, or it is erased.
    """
    loaded = cases.load(tx, order.case_id)
    if loaded is None or loaded.case.kind != cases.PATH:
        raise NotFound
    counts = path_erasing.erase_rows(tx, order.case_id)
    act = keep_act(tx, order, mark, Deleted((), {}, counts, {}), by=by, now=now)
    cases.erase_path(tx, loaded, marking=USUAL)
    return act


def carry_out(
    tx: Tx,
    services: Services,
    order: ErasureOrder,
    case: cases.Case,
    mark: ActMark,
    *,
    by: Actor,
    now: datetime,
    later: dict[str, Any],
) -> RetentionAct:
    """Erase records of an office in an ended case that this transaction has locked.

    Args:
        later: what `later_of` gives.
    Raises:
        NotFound: nothing of that office and these classes is left in it; never of an act that is
            done again.
    """
    keys = services.case_keys(tx, case.id)
    history = facts.of_case(tx, case.id)
    commitments = _commitments(tx, keys, history, order)
    going = {records_name(case.id, order.office, klass) for klass in order.classes}
    counts = _delete(tx, order, history)
    if keys.has_own:
        counts.update(erasing.erase_running(tx, case.id, case.rev))
        if not (keys.is_whole and _is_anything_left(tx, case.id)):
            going.add(own_name(case.id))
    stored = stored_keys.of_case(tx, case.id)
    there = [key for key in stored if key.owner in going]
    if not (there or any(counts.values()) or mark.again):
        raise NotFound
    counts["hold"] = erasing.erase_hold_reasons(tx, case.id)
    if keys.has_own:
        card_words.end_words(tx, case_id=case.id, now=now)
    erasing.drop_keys(tx, case.id, [key.owner for key in there])
    for key in there:
        services.vault.forget(key.owner)
    if len(there) == len(stored):
        _leave_path(tx, case, now)
    kept = later and {**later, PLACE: place_of(case)}
    left = Deleted((*(key.key_id for key in there),), commitments, counts, kept)
    return keep_act(tx, order, mark, left, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What an act deleted: ids of keys, what the ledger committed to, and numbers by table; and
    what it keeps for the rules that come after it.
    """

    keys: Collection[str]
    commitments: dict[str, dict[str, str]]
    counts: Mapping[str, int]
    later: dict[str, Any]


def keep_act(
    tx: Tx, order: ErasureOrder, mark: ActMark, deleted: Deleted, *, by: Actor, now: datetime
) -> RetentionAct:
    """Keep the act with which records were erased, and say so in the history of their case."""
    act = RetentionAct(
        id=mark.id,
        case_id=order.case_id,
        office_id=order.office,
        classes=sorted(order.classes),
        does=DESTROY,
        rule=order.rule,
        plan=order.plan,
        by=mark.by or by.id,
        approval_id=order.approval,
        at=mark.at,
        keys=sorted({*mark.keys, *deleted.keys}),
        commitments=deleted.commitments,
        counts={name: n for name, n in sorted(deleted.counts.items()) if n},
        later=deleted.later,
    )
    _end_acts(tx, act, by, now)
    more: dict[str, ledger_lines.Canonical] = {"facts": len(deleted.commitments)}
    if order.approval:
        more["approval"] = order.approval
    if mark.again:
        more["again"] = True
    return add_act(tx, act, ERASED, by=by, now=now, **more)


def _end_acts(tx: Tx, done: RetentionAct, by: Actor, now: datetime) -> None:
    """End locks and tasks of an office about what is now erased: those of which nothing is left."""
    acts = [
        act for act in retention_acts.of_case(tx, done.case_id) if act.office_id == done.office_id
    ]
    gone = {klass for act in (*acts, done) if act.does == DESTROY for klass in act.classes}
    for act in acts:
        if act.does in ABOUT_KEPT and act.ended_at is None and gone.issuperset(act.classes):
            retention_acts.end(tx, act, by=by.id, at=now, outcome=ERASED)


def _leave_path(tx: Tx, case: cases.Case, now: datetime) -> None:
    """Write of a case whose last key is gone that only its path is left: it leaves every list of
    offices.
    """
    if case.kind not in (cases.PATH, cases.PATH_ERASED):
        case_access.refresh(tx, cases.leave_path(tx, case), now)


def later_of(
    tx: Tx, services: Services, order: ErasureOrder, case: cases.Case, act: str
) -> dict[str, Any]:
    """What an act keeps for the rules that come after it; asked before anything is erased."""
    plan = services.current_configuration(tx).retention
    going = {(order.office, klass) for klass in order.classes}
    return for_later(tx, services, plan, case, act, going)


def as_listed(act: RetentionAct) -> ListedErasure:
    """An act as the list outside the database names it."""
    return ListedErasure(
        id=act.id,
        case_id=act.case_id,
        office=act.office_id,
        classes=(*act.classes,),
        keys=(*act.keys,),
        rule=act.rule,
        plan=act.plan,
        approval=act.approval_id,
        by=act.by,
        at=act.at.isoformat(),
    )


def _list(tx: Tx, services: Services, act: RetentionAct) -> None:
    """Name an act outside the database, where that is kept: before the commit, so that none is
    missing there, and after it, that it is done.

    Raises:
        NotErasable: it could not be written.
    """
    erasures = services.erasure_list
    if erasures is None:
        return
    try:
        erasures.begin(as_listed(act))
    except OSError as e:
        raise NotErasable(why="list", file=str(erasures.file)) from e
    fault_points.hit("e1")
    tx.after_commit(partial(_settle, erasures, act.id))


def _settle(erasures: ErasureList, act: str) -> None:
    """Say in the list that an act is committed; what cannot be written now, the worker says."""
    fault_points.hit("e2")
    try:
        erasures.settle(act, DONE)
    except OSError as e:
        log.warning("erasure_not_listed", error=str(e.strerror))


def _require_erasable(tx: Tx, case_id: str) -> cases.Case:
    """The case, locked.

    Raises:
        NotFound, NotErasable: as `erase` says.
    """
    loaded = cases.load(tx, case_id)
    if loaded is None:
        raise NotFound
    if loaded.case.status != "ended":
        raise NotErasable(why="open")
    return loaded.case


def require_known_columns() -> None:
    """Refuse to erase while a column holds something of a person that no erasure knows.

    Raises:
        NotErasable: one does.
    """
    if missed := [str(column) for column in erasing.forgotten()]:
        raise NotErasable(why="columns", columns=", ".join(missed))


def _commitments(
    tx: Tx, keys: CaseKeys, history: Iterable[facts.Fact], order: ErasureOrder
) -> dict[str, dict[str, str]]:
    """What the entries of the facts committed to of what goes: the sealed values that stay can be
    compared with their entries still. Of a value that does not open there is none.
    """
    payloads = facts.payloads(tx, [order.case_id])
    found: dict[str, dict[str, str]] = {}
    for fact in history:
        payload = payloads.get((order.case_id, fact.rev))
        if payload is None:
            continue
        mine = fact.office == order.office
        columns = [facts.COLUMN[klass] for klass in sorted(order.classes)] if mine else []
        made = _of_payload(keys, fact, payload, [*columns, fact_format.ROUTING])
        if made:
            found[str(fact.rev)] = made
    return found


def _of_payload(
    keys: CaseKeys, fact: facts.Fact, payload: facts.FactPayload, columns: Iterable[str]
) -> dict[str, str]:
    made = {}
    for column in columns:
        sealed = getattr(payload, column)
        if sealed is None:
            continue
        try:
            key = fact_format.key_of(keys, fact.office, column)
            content, secret = fact_format.open_value(key, fact.case_id, fact.rev, column, sealed)
        except CannotOpen:
            continue
        made[column] = ledger_lines.commitment(secret, content)
    return made


def _delete(tx: Tx, order: ErasureOrder, history: Iterable[facts.Fact]) -> dict[str, int]:
    """Delete what is sealed of an office in these classes; gives numbers of rows by table."""
    case_id, counts = order.case_id, Counter[str]()
    columns = [facts.COLUMN[klass] for klass in order.classes]
    counts["fact_payload"] = erasing.erase_answers(tx, case_id, order.office, columns)
    for row in documents.of_case(tx, case_id):
        if row.office == order.office and sealed_class(row) in order.classes and row.name:
            erasing.erase_document(tx, row)
            counts["document"] += 1
    if NOTES in order.classes:
        counts["note"] = erasing.erase_notes(tx, case_id, order.office)
        counts["subject_request"] = erasing.erase_words_of_requests(tx, case_id, order.office)
    if WORDS in order.classes:
        own = {fact.rev for fact in history if fact.office == order.office}
        for consent in consents.of_case(tx, case_id):
            if consent.rev_given in own and (consent.detail or consent.withdrawal):
                erasing.erase_words_of(tx, consent)
                counts["consent"] += 1
    return counts


def _is_anything_left(tx: Tx, case_id: str) -> bool:
    """Whether anything is sealed still that an office wrote."""
    payloads = facts.payloads(tx, [case_id]).values()
    return (
        any(getattr(one, facts.COLUMN[klass]) for one in payloads for klass in CLASSES)
        or any(row.name for row in documents.of_case(tx, case_id))
        or any(row.detail or row.withdrawal for row in consents.of_case(tx, case_id))
        or bool(notes.everyones(tx, case_id))
    )
