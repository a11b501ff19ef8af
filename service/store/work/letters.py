"""The outbox: letters that wait to be sent, and those that were.

A letter's key is its Message-ID, the same after each try.

Being leased is being sent, as long as nobody knows better: when a lease runs out, the mail server
may have the letter, and the row says so from then on (`MAY_HAVE`). It is sent once more, and the
row says that before it is (`LAST`); after that nobody sends it by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from service.errors import CaseMoved
from service.store.checked_rows import CheckedRows, Refused
from service.store.guarded_rows import MAC, bind
from service.store.installation import newest_rows
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import letter
from service.store.work.jobs import NOT_OURS, OLDEST

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


MAY_HAVE = "the mail server may have it"
"""Begins the error of a letter of which there may be one copy already, or two."""
LEFT = f"{MAY_HAVE}: the worker ended while it had it"
"""Error of a letter whose lease ran out."""
LAST = f"{MAY_HAVE} twice: it was sent once more, and nobody knows what became of that"
"""Error of a letter from the moment on in which it is sent once more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice to the people of a role in an office.

    The address is looked up when it is sent, never kept here.
    """

    key: str
    case_id: str
    office_id: str
    role: str
    template: str
    language: str
    params: dict[str, Any]
    needs_consent: str
    made_at: datetime
    state: str = "waiting"  # "waiting", "leased", "sent", "held", "failed"
    tries: int = 0
    """How often the mail server took it or refused it."""
    not_before: datetime | None = None
    lease_until: datetime | None = None
    leased_by: str = ""
    sent_at: datetime | None = None
    error: str = ""
    channel: str = ""
    """Of a request to a provider: the way that it leaves; empty for a letter to the office."""
    documents: list[str] = field(default_factory=list)
    """Ids of the case's documents that go along with a request."""

    @property
    def number(self) -> str:
        """The part of the key that names the letter among those of its case."""
        return self.key.removeprefix(f"{self.case_id}:")

    @property
    def may_have_copy(self) -> bool:
        """Whether the mail server may have it from an earlier time."""
        return self.error.startswith(MAY_HAVE)

    @property
    def may_have_left(self) -> bool:
        """Whether it has left, or may have: nobody can be sure to hold it back."""
        is_under_way = self.state in ("leased", "sent")
        return is_under_way or self.may_have_copy or self.tries > 0


ROWS = CheckedRows(letter, Letter, Refused.MISSING)
COLUMNS = ROWS.columns
TABLE = "letter"
ADD = PreparedStatement(insert(letter))
FREE: dict[str, Any] = {"lease_until": None, "leased_by": ""}
NEW_MAC = bindparam("b_mac", type_=letter.c.mac.type)
SAME = (letter.c.key == bindparam("b_key"), letter.c.mac == bindparam("b_before"))
GET = PreparedStatement(select(*COLUMNS).where(letter.c.key == bindparam("b_key")))
OF_CASE = PreparedStatement(
    select(*COLUMNS)
    .where(letter.c.case_id == bindparam("case_id"))
    .order_by(letter.c.made_at, letter.c.key)
)
COUNT_OF_CASE = PreparedStatement(
    select(func.count()).select_from(letter).where(letter.c.case_id == bindparam("case_id"))
)
LATEST = PreparedStatement(
    as_system(
        "letterbox",
        select(*COLUMNS)
        .order_by(letter.c.made_at.desc(), letter.c.key.desc())
        .limit(bindparam("limit", type_=Integer)),
    )
)
RESUME = PreparedStatement(
    update(letter)
    .where(*SAME)
    .values(state="waiting", not_before=bindparam("b_at"), tries=0, error="", mac=NEW_MAC)
)
TOTAL = PreparedStatement(as_system("letterbox", select(func.count()).select_from(letter)))
LEASED = update(letter).where(
    letter.c.key == bindparam("b_key"), letter.c.leased_by == bindparam("b_who")
)
SETTLED = LEASED.where(letter.c.mac == bindparam("b_before"))
SENT = PreparedStatement(
    SETTLED.values(
        state="sent",
        sent_at=bindparam("b_at"),
        not_before=None,
        error="",
        tries=letter.c.tries + 1,
        mac=NEW_MAC,
        **FREE,
    )
)
BACK: dict[str, Any] = {
    "state": "waiting",
    "not_before": bindparam("b_at"),
    "error": bindparam("b_error"),
    **FREE,
}
WAIT = PreparedStatement(LEASED.values(**BACK))
RETRY = PreparedStatement(LEASED.values(tries=letter.c.tries + 1, **BACK))
REST = PreparedStatement(
    SETTLED.values(
        state=bindparam("b_state"),
        not_before=None,
        error=bindparam("b_error"),
        tries=letter.c.tries + bindparam("b_tries", type_=Integer),
        mac=NEW_MAC,
        **FREE,
    )
)
SET_ASIDE = PreparedStatement(
    update(letter)
    .where(*SAME, letter.c.not_before.is_not(None))
    .values(state="held", not_before=None, error=bindparam("b_error"), mac=NEW_MAC, **FREE)
)
LEAVE = PreparedStatement(
    update(letter)
    .where(letter.c.key == bindparam("b_key"))
    .values(state="held", not_before=None, error=NOT_OURS, **FREE)
)
"""Its MAC stays as it is: what is left alone does not become true by it."""
MAY_HAVE_LEFT = PreparedStatement(
    as_system(
        "operate",
        select(*COLUMNS)
        .where(
            letter.c.not_before.is_not(None),
            letter.c.made_at <= bindparam("made"),
            or_(letter.c.not_before <= bindparam("due"), letter.c.state == "leased"),
        )
        .order_by(letter.c.not_before, letter.c.key),
    )
)
HELD_FOR = PreparedStatement(
    as_system(
        "operate",
        select(*COLUMNS)
        .where(letter.c.state == "held", letter.c.error == bindparam("error"))
        .order_by(letter.c.made_at, letter.c.key),
    )
)
TAKEN: dict[str, Any] = {
    "state": "leased",
    "lease_until": bindparam("b_until"),
    "not_before": bindparam("b_until"),
    "leased_by": bindparam("b_who"),
    "error": case(
        (and_(letter.c.state == "leased", letter.c.error != LAST), LEFT), else_=letter.c.error
    ),
}
READY = (
    select(letter.c.key)
    .where(letter.c.not_before <= bindparam("now"))
    .order_by(letter.c.not_before, letter.c.key)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)


def _take(ready: Select[tuple[str]]) -> PreparedStatement:
    """Lease the letters of these keys."""
    found = ready.cte("ready")
    taken = update(letter).where(letter.c.key == found.c.key).values(**TAKEN).returning(*COLUMNS)
    return PreparedStatement(as_system("queue", taken))


TAKE_OLDEST = _take(READY)
TAKE_URGENT = _take(READY.where(in_list(letter.c.template, "urgent")))
KEEP = PreparedStatement(
    LEASED.values(lease_until=bindparam("b_until"), not_before=bindparam("b_until"))
)
NEXT = PreparedStatement(
    as_system(
        "queue",
        select(letter.c.not_before)
        .where(letter.c.not_before.is_not(None))
        .order_by(letter.c.not_before)
        .limit(1),
    )
)
SEND_LAST = PreparedStatement(LEASED.values(error=LAST))
POSTPONED = PreparedStatement(
    as_system(
        "operate",
        select(*columns(letter, Letter))
        .where(letter.c.not_before > bindparam("latest"))
        .order_by(letter.c.key)
        .limit(bindparam("limit", type_=Integer)),
    )
)
MAKE_DUE = PreparedStatement(
    update(letter)
    .where(letter.c.key == bindparam("b_key"), letter.c.not_before.is_not(None))
    .values(
        not_before=letter.c.made_at,
        lease_until=case((letter.c.lease_until.is_not(None), letter.c.made_at), else_=None),
    )
)
EXISTING = PreparedStatement(select(letter.c.key).where(in_list(letter.c.key, "keys")))

GATHER = PreparedStatement(
    SETTLED.values(
        state="waiting",
        not_before=bindparam("b_at"),
        params=bindparam("b_params"),
        error="",
        mac=NEW_MAC,
        **FREE,
    )
)
UNSENT_OF_OFFICE = PreparedStatement(
    as_system(
        "queue",
        select(*COLUMNS)
        .where(letter.c.office_id == bindparam("office"), letter.c.not_before.is_not(None))
        .order_by(letter.c.key)
        .with_for_update(),
    )
)
TAKE = PreparedStatement(
    as_system(
        "queue",
        update(letter)
        .where(letter.c.key == bindparam("b_key"))
        .values(**TAKEN)
        .returning(*COLUMNS),
    )
)


def add(writer: Writer, rows: Sequence[Letter]) -> None:
    """Put letters in the outbox.

    Each is due when it is made unless it says otherwise; one that is held is never due.
    """
    made = [_made(writer, row) for row in rows]
    writer.later(ADD, [{**values(row), MAC: ROWS.mac(writer, row)} for row in made])
    for row in made:
        bind(writer, _stream(row), TABLE, row)


def _stream(row: Letter) -> str:
    """The stream of the ledger that tells of a letter."""
    return f"case/{row.case_id}"


def _made(writer: Writer, row: Letter) -> Letter:
    """A letter that begins to wait; one that is due at once is leased for the worker
    of this process, if it takes any.
    """
    if row.state != "waiting" or row.not_before is not None:
        moment = None if row.state == "held" else row.not_before or row.made_at
        return replace(row, not_before=moment)
    if writer.changes.lease is None or not writer.changes.lease.takes_letters:
        writer.changes.has_work = True
        return replace(row, not_before=row.made_at)
    leased = replace(row, **writer.changes.lease.columns())
    writer.changes.lease.letters.append(leased)
    return leased


def postponed(reader: Reader, latest: datetime, *, limit: int) -> list[Letter]:
    """Letters that wait beyond a moment, whoever wrote them."""
    return reader.all(Letter, POSTPONED, {"latest": latest, "limit": limit})


def make_due(tx: Tx, key: str) -> None:
    """Let a letter that waits be taken at once, also if a lease of it says otherwise."""
    tx.run(MAKE_DUE, {"b_key": key})


def existing(reader: Reader, keys: Collection[str]) -> frozenset[str]:
    """Those of some keys that letters have already."""
    return frozenset(reader.all(str, EXISTING, {"keys": (*sorted(keys),)}))


def of_case(reader: Reader, case_id: str) -> list[Letter]:
    return ROWS.all(reader, OF_CASE, {"case_id": case_id})


def count_of_case(reader: Reader, case_id: str) -> int:
    """How many letters a case has, whatever became of them."""
    return int(reader.value(COUNT_OF_CASE, {"case_id": case_id}))


def latest(reader: Reader, *, limit: int = 100) -> list[Letter]:
    """Letters of all cases, the newest first."""
    return ROWS.all(reader, LATEST, {"limit": limit})


def total(reader: Reader) -> int:
    return int(reader.value(TOTAL))


def lease(
    tx: Tx,
    *,
    now: datetime,
    who: str,
    seconds: int,
    limit: int = 10,
    urgent: Collection[str] = (),
) -> list[Letter]:
    """Take due letters for `seconds`; no two workers get the same one. One whose lease ran out says
    so (`LEFT`). One that this installation has not written is left alone from then on (`NOT_OURS`),
    and stands in `tx.refused`.

    Args:
        urgent: templates of letters that go first; one in `OLDEST` places goes to what has waited
            longest of all.
    """
    until = now + timedelta(seconds=seconds)
    asked = {"now": now, "b_who": who, "b_until": until}
    taken = list[Letter]()
    if urgent:
        first = {**asked, "limit": limit - limit // OLDEST, "urgent": (*sorted(urgent),)}
        taken = _genuine(tx, TAKE_URGENT, first)
    return taken + _genuine(tx, TAKE_OLDEST, {**asked, "limit": limit - len(taken)})


def _genuine(tx: Tx, take: PreparedStatement, asked: Mapping[str, object]) -> list[Letter]:
    """Lease letters, and leave alone those that this installation has not written."""
    rows = tx.all(lambda *row: row, take, asked)
    own = ((_stream(row), row) for row in ROWS.genuine(tx, rows))
    found = newest_rows.those_newest(tx, TABLE, own)
    if len(found) < len(rows):
        keys = {row[0] for row in rows} - {one.key for one in found}
        tx.run(LEAVE, [{"b_key": key} for key in sorted(keys)])
    return found


def take_gathered(
    tx: Tx, row: Letter, who: str, *, name: str, now: datetime, until: datetime
) -> list[Letter]:
    """Lease every letter that leaves together with a leased one, and give them all, by key.

    Args:
        name: the parameter that letters which leave together have in common.
    Returns:
        Nothing while another worker has one of them.
    """
    asked = {"b_who": who, "b_until": until}
    unsent = (
        (_stream(one), one)
        for one in ROWS.all(tx, UNSENT_OF_OFFICE, {"office": row.office_id})
        if one.params.get(name) == row.params[name] and not one.channel
    )
    found = newest_rows.those_newest(tx, TABLE, unsent)
    if any(one.leased_by not in ("", who) and (one.lease_until or now) > now for one in found):
        return []
    return [
        one if one.leased_by == who else _taken(tx, {**asked, "b_key": one.key}) for one in found
    ]


def _taken(tx: Tx, asked: Mapping[str, object]) -> Letter:
    """Lease a letter that was locked as it was read."""
    row = ROWS.one(tx, TAKE, asked)
    if row is None:
        raise CaseMoved
    return row


def sent(tx: Tx, row: Letter, who: str, *, at: datetime) -> bool:
    """The mail server took it; False when the lease was lost."""
    after = replace(row, state="sent", sent_at=at, not_before=None, error="", **FREE)
    return _settle(tx, SENT, row, after, b_who=who, b_at=at)


def _settle(
    tx: Tx, statement: PreparedStatement, row: Letter, after: Letter, **given: object
) -> bool:
    """Change what becomes of a letter; False when it is not as it was."""
    return ROWS.try_change(
        tx, statement, {**given, "b_key": row.key}, row, after, stream=_stream(row)
    )


def keep(tx: Tx, key: str, who: str, until: datetime) -> bool:
    """Extend a lease; False when it was lost."""
    return tx.run(KEEP, {"b_key": key, "b_who": who, "b_until": until}) == 1


def send_last(tx: Tx, key: str, who: str) -> bool:
    """Note, before it is sent, that this is the last copy; False when the lease was lost."""
    return tx.run(SEND_LAST, {"b_key": key, "b_who": who}) == 1


def wait(tx: Tx, key: str, who: str, *, at: datetime, error: str) -> bool:
    """Give it back untried, to be sent at `at`; False when the lease was lost."""
    given = {"b_key": key, "b_who": who, "b_at": at, "b_error": error}
    return tx.run(WAIT, given) == 1


def gather(tx: Tx, row: Letter, who: str, *, at: datetime, params: Mapping[str, Any]) -> bool:
    """Give a letter back untried, to leave at `at` together with others; False when the lease was
    lost.
    """
    more = {**row.params, **params}
    after = replace(row, state="waiting", not_before=at, params=more, error="", **FREE)
    return _settle(tx, GATHER, row, after, b_who=who, b_at=at, b_params=more)


def retry(tx: Tx, key: str, who: str, *, at: datetime, error: str) -> bool:
    """Count a try, and try again at `at`; False when the lease was lost."""
    given = {"b_key": key, "b_who": who, "b_at": at, "b_error": error}
    return tx.run(RETRY, given) == 1


def fail(tx: Tx, row: Letter, who: str, *, error: str) -> bool:
    """Count a try, and nobody tries again; False when the lease was lost."""
    return _rest(tx, row, who, "failed", error, tries=1)


def hold(tx: Tx, row: Letter, who: str, *, error: str) -> bool:
    """Hold a letter that must not go out, such as when a consent was withdrawn.

    False when the lease was lost.
    """
    return _rest(tx, row, who, "held", error, tries=0)


def _rest(tx: Tx, row: Letter, who: str, state: str, error: str, *, tries: int) -> bool:
    after = replace(row, state=state, not_before=None, error=error, **FREE)
    given = {"b_who": who, "b_state": state, "b_error": error, "b_tries": tries}
    return _settle(tx, REST, row, after, **given)


def take_back(writer: Writer, row: Letter, *, error: str) -> None:
    """Hold a letter that waits, as it was read, whoever has leased it.

    Raises:
        CaseMoved: it does not wait any more; perhaps only at the next question.
    """
    after = replace(row, state="held", not_before=None, error=error, **FREE)
    macs = {"b_before": ROWS.mac(writer, row), "b_mac": ROWS.mac(writer, after)}
    writer.later(SET_ASIDE, {"b_key": row.key, "b_error": error, **macs}, exactly=1)
    bind(writer, _stream(row), TABLE, after)


def set_aside(tx: Tx, row: Letter, *, error: str) -> bool:
    """Hold a letter that waits, whoever has leased it; False when it does not wait."""
    after = replace(row, state="held", not_before=None, error=error, **FREE)
    return _settle(tx, SET_ASIDE, row, after, b_error=error)


def may_have_left(reader: Reader, *, made: datetime, due: datetime) -> list[Letter]:
    """Letters of all cases that wait, were made no later than `made`, and were due by `due`, or in
    the hands of a worker, whose lease ends later.
    """
    return ROWS.all(reader, MAY_HAVE_LEFT, {"made": made, "due": due})


def held_for(reader: Reader, error: str) -> list[Letter]:
    """Letters of all cases that are held for that reason, the oldest first."""
    return ROWS.all(reader, HELD_FOR, {"error": error})


def resume(tx: Tx, key: str, *, at: datetime) -> bool:
    """Set a held or failed letter going again; False when it is neither.

    Raises:
        RowRefused: it was put back to an older state, such as before it was sent.
    """
    row = ROWS.one(tx, GET, {"b_key": key})
    if row is None or row.state not in ("held", "failed"):
        return False
    newest_rows.require_newest(tx, _stream(row), TABLE, row)
    tx.changes.has_work = True
    after = replace(row, state="waiting", not_before=at, tries=0, error="")
    return _settle(tx, RESUME, row, after, b_at=at)


def next_moment(reader: Reader) -> datetime | None:
    """When the next letter may go."""
    found: datetime | None = reader.value(NEXT)
    return found
