"""Wrapped keys of cases, of the records that each office wrote in them, of persons and offices.

Deleting one makes everything that is sealed for its owner unreadable. So does wrapping one by an
epoch that the keyring does not have any more: such a row is never added. Source:
decisions/0116, 0117.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from sqlalchemy import Integer, bindparam, cast, delete, func, insert, select, text, update

from service.security.records import WrappedKey
from service.store.guarded_rows import bind, unbind
from service.store.prepared import PreparedStatement, in_list
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.tables import setting, vault_key

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer
    from service.store.transaction import Tx


WHOLE: Final = "all"
"""Class of the key of a case that begun before offices had keys of their own: it opens all."""
COLUMNS = columns(vault_key, WrappedKey)
RETIRED = "keys.retired"
"""Setting: the highest epoch that was retired; nothing is wrapped by it or an older one."""
_RETIRED = select(cast(setting.c.value, Integer)).where(setting.c.name == RETIRED).scalar_subquery()
ADD = PreparedStatement(
    insert(vault_key).from_select(
        [column.name for column in COLUMNS],
        select(
            *(cast(bindparam(column.name, type_=column.type), column.type) for column in COLUMNS)
        ).where(func.coalesce(_RETIRED, 0) < bindparam("epoch", type_=vault_key.c.epoch.type)),
    )
)
GET = PreparedStatement(select(*COLUMNS).where(vault_key.c.owner == bindparam("owner")))
OF_CASE = PreparedStatement(select(*COLUMNS).where(vault_key.c.case_id == bindparam("case_id")))
OF_CASES = PreparedStatement(select(*COLUMNS).where(in_list(vault_key.c.case_id, "case_ids")))
DROP = PreparedStatement(delete(vault_key).where(vault_key.c.owner == bindparam("owner")))
ALL = PreparedStatement(select(*COLUMNS).order_by(vault_key.c.owner))
OF_IDS = PreparedStatement(select(vault_key.c.key_id).where(in_list(vault_key.c.key_id, "ids")))
TAKE_OUT = PreparedStatement(delete(vault_key))
PUT_BACK = PreparedStatement(insert(vault_key))
OLDER = PreparedStatement(
    select(*COLUMNS)
    .where(vault_key.c.epoch < bindparam("epoch"), vault_key.c.owner > bindparam("after"))
    .order_by(vault_key.c.owner)
    .limit(bindparam("limit", type_=Integer))
)
OF_OWNERS = PreparedStatement(select(*COLUMNS).where(in_list(vault_key.c.owner, "owners")))
REWRAP = PreparedStatement(
    update(vault_key)
    .where(vault_key.c.owner == bindparam("b_owner"), vault_key.c.wrapped == bindparam("b_was"))
    .values(epoch=bindparam("b_epoch"), wrapped=bindparam("b_wrapped"))
)
COUNT_OLDER = PreparedStatement(
    as_system(
        "operate",
        select(func.count()).select_from(vault_key).where(vault_key.c.epoch < bindparam("epoch")),
    )
)
NEXT_EPOCH = PreparedStatement(
    as_system(
        "operate", select(func.min(vault_key.c.epoch)).where(vault_key.c.epoch > bindparam("after"))
    )
)
_LOWEST = -(2**31)
_HOLD_STILL = as_system("operate", text("LOCK TABLE vault_key IN SHARE ROW EXCLUSIVE MODE"))


def add(writer: Writer, *keys: WrappedKey, stream: str) -> None:
    """Keep keys; an entry of the stream binds them.

    Raises:
        CaseMoved: somebody else made one of them meanwhile, or one is wrapped by an epoch that was
            retired since this process began; perhaps only at the next statement.
    """
    writer.later(ADD, [values(key) for key in keys], exactly=len(keys))
    for key in keys:
        writer.changes.made_keys[key.owner] = key
        bind(writer, stream, "vault_key", key)


def get(reader: Reader, owner: str) -> WrappedKey | None:
    return reader.one(WrappedKey, GET, {"owner": owner})


def read_of_case(case_id: str) -> Read:
    """What `of_case` reads."""
    return OF_CASE, {"case_id": case_id}


def of_case(reader: Reader, case_id: str) -> list[WrappedKey]:
    """The keys of a case: its own, and those of the records of each office; without what was
    erased.
    """
    return reader.all(WrappedKey, *read_of_case(case_id))


def of_cases(reader: Reader, case_ids: Collection[str]) -> dict[str, list[WrappedKey]]:
    """The keys of several cases, by case; one of which all was erased is not among them."""
    found: dict[str, list[WrappedKey]] = {}
    for key in reader.all(WrappedKey, OF_CASES, {"case_ids": (*sorted(case_ids),)}):
        found.setdefault(str(key.case_id), []).append(key)
    return found


def of_owners(reader: Reader, owners: Collection[str]) -> dict[str, WrappedKey]:
    """The keys of several owners; one that was erased is not among them."""
    given = {"owners": (*sorted(owners),)}
    return {row.owner: row for row in reader.all(WrappedKey, OF_OWNERS, given)} if owners else {}


def drop(tx: Tx, owner: str, *, stream: str) -> bool:
    """Erase: true when there was a key. An entry of the stream that bound it says that it is gone,
    so it cannot be put back unnoticed.
    """
    unbind(tx, stream, "vault_key", {"owner": owner})
    return tx.run(DROP, {"owner": owner}) == 1


def older(reader: Reader, epoch: int, *, after: str = "", limit: int = 500) -> list[WrappedKey]:
    """Keys wrapped under an epoch before `epoch`, by owner, beginning after the owner `after`."""
    return reader.all(WrappedKey, OLDER, {"epoch": epoch, "after": after, "limit": limit})


def still_there(reader: Reader, key_ids: Collection[str]) -> frozenset[str]:
    """Those of some ids of keys, hex, that a row bears."""
    given = {"ids": (*sorted(key_ids),)}
    return frozenset(reader.all(str, OF_IDS, given)) if key_ids else frozenset()


def write_anew(tx: Tx) -> None:
    """Take all keys out and put them in again, as they are, on SQLite.

    When a page is split, SQLite leaves old bytes of rows that it has moved in the free part of the
    page, and does not write over them when such a row is deleted later (`secure_delete` knows the
    row's own place alone). A page that is given up is written over whole.
    """
    rows = tx.all(WrappedKey, ALL)
    tx.run(TAKE_OUT)
    tx.run(PUT_BACK, [values(row) for row in rows])


def count_older(reader: Reader, epoch: int) -> int:
    """How many keys are wrapped under an epoch before `epoch`."""
    return int(reader.value(COUNT_OLDER, {"epoch": epoch}))


def epochs_in_use(reader: Reader) -> list[int]:
    """Numbers of the epochs that wrap a key, ascending. Each is found by the index, so a million
    keys take no longer than ten.
    """
    found = list[int]()
    after = _LOWEST
    while (number := reader.value(NEXT_EPOCH, {"after": after})) is not None:
        found.append(int(number))
        after = number
    return found


def rewrap(tx: Tx, keys: Iterable[tuple[WrappedKey, WrappedKey]]) -> None:
    """Put newly wrapped keys in the place of the old ones; one that somebody has changed or deleted
    since it was read stays as it is.

    Args:
        keys: each as it was read, and as it is to be.
    """
    rows = [
        {"b_owner": was.owner, "b_was": was.wrapped, "b_epoch": key.epoch, "b_wrapped": key.wrapped}
        for was, key in keys
    ]
    tx.run(REWRAP, rows)


def hold_still(tx: Tx) -> None:
    """Wait until no other transaction that has added a key is open, and let none add one before
    this one ends. SQLite has one writer anyway.
    """
    if tx.postgres:
        tx.run(_HOLD_STILL)
