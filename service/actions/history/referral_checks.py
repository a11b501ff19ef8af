"""Referrals against what their case's history says: each has somebody who owns its silence, and is
what was sent.

Source: screens.md 7.9; trust.md 9.2 (I4, I10, I11, I12).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from service.actions.context import Services
from service.actions.history.stored_rows import Violation, body, closed
from service.actions.referrals import packet
from service.errors import CannotOpen
from service.security.records import LedgerEntry
from service.store.casefile import referrals
from service.store.casefile.referrals import WAITING, Referral
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import incidents, jobs, tasks

STATES = ("sent", "opened", "accepted", "refused", "lapsed", "revoked", "done")


def check_referrals(
    tx: Tx, services: Services, case_id: str, stream: Sequence[LedgerEntry]
) -> Iterator[Violation]:
    """Everything that does not hold about the referrals of a case."""
    rows = referrals.of_case(tx, case_id)
    known = offices.everyone(tx)
    for row in rows:
        for office in (row.from_office, row.to_office):
            if office not in known:
                yield Violation(
                    "I12", case_id, f"referral {row.id}", "an office of the directory", office
                )
    yield from _silence(tx, services, case_id, rows)
    yield from _lines(case_id, rows, stream)
    yield from _packets(tx, services, case_id, rows)


def _silence(
    tx: Tx, services: Services, case_id: str, rows: Sequence[Referral]
) -> Iterator[Violation]:
    """I4: one that waits has its deadline armed; of a step, the receiver's task that answers it is
    open.
    """
    armed = {job.key: job for job in jobs.of_case(tx, case_id, kinds=[jobs.REFERRAL])}
    stopped = {i.job_key for i in incidents.of_case(tx, case_id) if i.closed_at is None}
    waiting = tasks.of_case(tx, case_id)
    for row in rows:
        expected, found = (
            _by_step(services, row, waiting)
            if row.element
            else _by_hand(row, armed.pop(row.job, None), stopped)
        )
        if expected != found:
            yield Violation("I4", case_id, f"referral {row.id}", expected, found)
    for key in sorted(armed):
        yield Violation(
            "I12", case_id, f"job {key}", "the referral that it is the deadline of", "none"
        )


def _by_hand(row: Referral, job: jobs.Job | None, stopped: Collection[str]) -> tuple[str, str]:
    """What its deadline must be, and what it is."""
    found = "no deadline" if job is None else f"a deadline at {job.due}"
    if job is not None and job.state == "stopped" and job.key not in stopped:
        found = "a deadline that stopped, and no incident"
    return "no deadline" if row.state not in WAITING else f"a deadline at {row.due}", found


def _by_step(services: Services, row: Referral, waiting: Sequence[tasks.Task]) -> tuple[str, str]:
    """What must wait for its answer, and what does."""
    rule = services.programme.grants.referrals.get(row.element)
    there = rule is not None and any(
        t.element == rule.answer and t.office_id == row.to_office for t in waiting
    )
    expected = "the receiver's task that answers it"
    return expected, expected if there or row.state not in WAITING else "none"


def _lines(
    case_id: str, rows: Sequence[Referral], stream: Sequence[LedgerEntry]
) -> Iterator[Violation]:
    """I10: the line that sent it binds its packet, and the last line that settled it tells its
    state.
    """
    told: dict[str, Mapping[str, object]] = {}
    last: dict[str, str] = {}
    for line in stream:
        state = line.kind.removeprefix("refer_")
        if not line.kind.startswith("refer_") or state not in STATES:
            continue
        content: Mapping[str, object] = body(line)
        id_ = str(content.get("referral", ""))
        last[id_] = state
        if state == "sent":
            told[id_] = content
    for row in rows:
        sent = told.pop(row.id, None)
        if (
            sent is None
            or sent.get("packet") != row.packet_sha256
            or sent.get("fields") != row.fields
            or sent.get("to") != row.to_office
        ):
            yield Violation(
                "I10",
                case_id,
                f"referral {row.id}",
                "the packet that its line binds",
                "no line" if sent is None else "another packet or receiver",
            )
        elif last.get(row.id) != row.state:
            yield Violation(
                "I10",
                case_id,
                f"referral {row.id}",
                f"the state that its lines tell, {last.get(row.id)}",
                row.state,
            )
    for id_ in sorted(told):
        yield Violation(
            "I12", case_id, f"referral {id_}", "the referral that the ledger tells of", "none"
        )


def _packets(
    tx: Tx, services: Services, case_id: str, rows: Sequence[Referral]
) -> Iterator[Violation]:
    """I11: the answers of the packet are those that were sent."""
    key = services.key(tx, f"case:{case_id}") if rows else None
    if key is None:
        return
    for row in rows:
        try:
            if packet.seal_of(key, packet.as_sent(tx, key, row)) != row.packet_sha256:
                yield Violation(
                    "I11",
                    case_id,
                    f"referral {row.id}",
                    "the packet that was sent",
                    "other answers",
                )
        except CannotOpen:
            yield closed(case_id, f"referral {row.id}")
