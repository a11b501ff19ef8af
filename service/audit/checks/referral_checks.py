"""Checks of a case's referrals: each has a deadline or an answering task, and is what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from service.casework.history.violations import Violation, cannot_open, entry_body
from service.casework.referrals import packet
from service.errors import CannotOpen
from service.records.context import Services
from service.release.programme.grant_rules import ReferralRule
from service.security.records import LedgerEntry
from service.store.at_hand import Reader
from service.store.casefile import cases
from service.store.casefile.referrals import WAITING, Referral
from service.store.installation import offices
from service.store.read_models import whole_rows
from service.store.work import incidents, jobs, tasks

STATES = ("sent", "opened", "accepted", "refused", "lapsed", "revoked", "done")


def check_referrals(
    reader: Reader, services: Services, case_id: str, stream: Sequence[LedgerEntry]
) -> Iterator[Violation]:
    """Check the referrals of a case against directory, deadlines, ledger entries and answers."""
    rows = whole_rows.stored_as(reader, Referral, "referral", case_id)
    known = offices.everyone(reader)
    for row in rows:
        for office in (row.from_office, row.to_office):
            if office not in known:
                expected = "an office of the directory"
                yield Violation("I12", case_id, f"referral {row.id}", expected, office)
    yield from _check_waiting(reader, services, case_id, rows)
    yield from _check_entries(case_id, rows, stream)
    yield from _check_packets(reader, services, case_id, rows)


def _check_waiting(
    reader: Reader, services: Services, case_id: str, rows: Sequence[Referral]
) -> Iterator[Violation]:
    """I4: a waiting referral has its deadline armed, or of a step the task that answers it."""
    every = whole_rows.stored_as(reader, jobs.Job, "job", case_id)
    armed = {job.key: job for job in every if job.kind == jobs.REFERRAL}
    stopped = {i.job_key for i in incidents.of_case(reader, case_id) if i.closed_at is None}
    waiting = tasks.of_case(reader, case_id)
    case = cases.stored(reader, case_id)
    steps: Mapping[str, ReferralRule] = {}
    if case is not None and any(row.element for row in rows):
        steps = services.configuration_of(reader, case.release_id).grants.referrals
    for row in rows:
        expected, found = (
            _by_step(steps, row, waiting)
            if row.element
            else _by_hand(row, armed.pop(row.job, None), stopped)
        )
        if expected != found:
            yield Violation("I4", case_id, f"referral {row.id}", expected, found)
    for key in sorted(armed):
        expected = "the referral that it is the deadline of"
        yield Violation("I12", case_id, f"job {key}", expected, "none")


def _by_hand(row: Referral, job: jobs.Job | None, stopped: Collection[str]) -> tuple[str, str]:
    """Say what the deadline of a referral by hand must be, and what it is."""
    found = "no deadline" if job is None else f"a deadline at {job.due}"
    if job is not None and job.state == "stopped" and job.key not in stopped:
        found = "a deadline that stopped, and no incident"
    return "no deadline" if row.state not in WAITING else f"a deadline at {row.due}", found


def _by_step(
    steps: Mapping[str, ReferralRule], row: Referral, waiting: Sequence[tasks.Task]
) -> tuple[str, str]:
    """Say what must wait for the answer to a step's referral, and what does."""
    expected = "the receiver's task that answers it"
    rule = steps.get(row.element)
    received = (task for task in waiting if task.office_id == row.to_office)
    open_ = rule is not None and any(task.element == rule.answer.element for task in received)
    return expected, expected if open_ or row.state not in WAITING else "none"


def _check_entries(
    case_id: str, rows: Sequence[Referral], stream: Sequence[LedgerEntry]
) -> Iterator[Violation]:
    """I10: a referral has the packet that the entry of its sending binds, and its state is that of
    its last entry.
    """
    sent, states = _ledger_of(stream)
    for row in rows:
        entry, place = sent.pop(row.id, None), f"referral {row.id}"
        if entry is None or not _binds(entry, row):
            found = "no line" if entry is None else "another packet or receiver"
            yield Violation("I10", case_id, place, "the packet that its line binds", found)
        elif states.get(row.id) != row.state:
            expected = f"the state that its lines tell, {states.get(row.id)}"
            yield Violation("I10", case_id, place, expected, row.state)
    for id_ in sorted(sent):
        expected = "the referral that the ledger tells of"
        yield Violation("I12", case_id, f"referral {id_}", expected, "none")


def _ledger_of(
    stream: Sequence[LedgerEntry],
) -> tuple[dict[str, Mapping[str, object]], dict[str, str]]:
    """Read the entries of referrals: the body that sent each, and the last state of each."""
    sent: dict[str, Mapping[str, object]] = {}
    states: dict[str, str] = {}
    for entry in stream:
        state = entry.kind.removeprefix("refer_")
        if not entry.kind.startswith("refer_") or state not in STATES:
            continue
        body: Mapping[str, object] = entry_body(entry)
        id_ = str(body.get("referral", ""))
        states[id_] = state
        if state == "sent":
            sent[id_] = body
    return sent, states


def _binds(body: Mapping[str, object], row: Referral) -> bool:
    bound = (body.get("packet"), body.get("fields"), body.get("to"))
    return bound == (row.packet_sha256, row.fields, row.to_office)


def _check_packets(
    reader: Reader, services: Services, case_id: str, rows: Sequence[Referral]
) -> Iterator[Violation]:
    """I11: the answers of the packet are those that were sent."""
    keys = services.case_keys(reader, case_id)
    key = keys.own if rows else None
    if key is None:
        return
    for row in rows:
        place = f"referral {row.id}"
        try:
            digest = packet.seal_of(key, packet.as_sent(reader, keys, row))
        except CannotOpen:
            yield cannot_open(case_id, place)
            continue
        if digest != row.packet_sha256:
            yield Violation("I11", case_id, place, "the packet that was sent", "other answers")
