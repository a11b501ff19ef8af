"""What somebody writes into the database without a key, as he would do it: the product does not go
by it, and what stands there is named before and after.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from service.security import ledger_lines
from service.security.packing import pack, unpack
from service.store.tables import metadata
from tests.support.browser import without_tokens
from tests.trust.filled import Row
from tests.trust.using import FOR_EVER, REFUSAL, UsedInstallation, look, send, stop, work
from tests.trust.using import places as places_of

FORGED: Final = "01KZZZZZZZZZZZZZZZZZZZZZZD"
WORD: Final = re.compile(r"\b[^\W\d_]{5,}\b")
EARLIEST: Final = "00000000000000000000000001"
"""Id of a row that a worker takes before every other."""
DAYS: Final = 10
"""Days after which the timers of the cases are due."""


@pytest.fixture
def use(used_installation: UsedInstallation) -> UsedInstallation:
    used_installation.begin_again()
    return used_installation


def rows(use: UsedInstallation, table: str, **wanted: object) -> list[Row]:
    """Rows of a table with these values."""
    found = use.after(metadata.tables[table]).rows.values()
    return [row for row in found if all(row[name] == value for name, value in wanted.items())]


def write(use: UsedInstallation, statement: str, given: tuple[object, ...] = ()) -> None:
    """Write into the file, as whoever has it could."""
    use.here.program.database.close()
    with closing(sqlite3.connect(use.file)) as raw, raw:
        assert raw.execute(statement, given).rowcount > 0


def put(use: UsedInstallation, table: str, row: Mapping[str, object]) -> None:
    """Put in a row."""
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
    write(use, f"INSERT INTO {table} ({names}) VALUES ({marks})", (*row.values(),))  # noqa: S608 - tables of ours


def named(use: UsedInstallation, *words: str) -> bool:
    """Whether a sentence of verification has these words."""
    return any(all(word in said for word in words) for said in use.sentences(None))


def told(use: UsedInstallation) -> Counter[tuple[object, ...]]:
    """What the ledger and the histories tell."""
    return use.after(metadata.tables["cases"]).told


def shown(use: UsedInstallation, who: str, *paths: str) -> frozenset[str]:
    """The words that pages show somebody."""
    pages = [use.browsers[who].client.get(path) for path in paths]
    assert [page.status_code for page in pages] == [200] * len(pages)
    return frozenset(WORD.findall(without_tokens(" ".join(page.text for page in pages))))


# ---- approvals


def forge_unmasking(use: UsedInstallation, old: Row) -> None:
    """Put in an unmasking like another one, with entries that it was asked for and given: their
    hashes need no key.
    """
    put(use, "approval", {**old, "id": FORGED})
    (stream,) = rows(use, "stream", name=f"case/{old['case_id']}")
    lines = rows(use, "line", stream=stream["number"])
    last = max(lines, key=lambda line: int(line["seq"]))
    end = last["seq"], last["hash"].hex()
    for line in lines:
        body = json.loads(unpack(line["body"]))
        if line["kind"] in ("approval_asked", "approval_given") and body["approval"] == old["id"]:
            body["approval"] = FORGED
            body.pop("rows")
            about: dict[str, Any] = {name: line[name] for name in ("kind", "actor", "office")}
            at = datetime.fromtimestamp(line["at"] / 10**6, UTC)
            made = ledger_lines.write(stream["name"], end, at=at, body=body, **about)
            end = made.seq, made.hash
            entry = {"seq": made.seq, "hash": bytes.fromhex(made.hash)}
            put(use, "line", {**line, **entry, "body": pack(made.body.encode())})


def test_an_unmasking_that_nobody_gave_opens_nothing_and_cannot_be_ended(
    use: UsedInstallation,
) -> None:
    (old,) = rows(use, "approval", kind="unmask_case")
    pages = f"/audit/cases/{old['case_id']}/replay", f"/audit/cases/{old['case_id']}/data"
    opened = shown(use, "greta", *pages)
    assert use.use(send("greta", f"/approvals/{old['id']}/end")) == (303,)
    secrets = opened - shown(use, "greta", *pages)
    assert secrets
    assert use.sentences(None) == []
    forge_unmasking(use, old)
    assert named(use, FORGED)
    genuine = told(use)
    assert not shown(use, "greta", *pages) & secrets
    (status,) = use.use(send("greta", f"/approvals/{FORGED}/end"))
    assert isinstance(status, int)
    assert status >= REFUSAL
    kinds = {str(entry[1]) for entry in told(use) - genuine}
    assert not {kind for kind in kinds if kind.startswith("approval")}
    assert named(use, FORGED)


def test_a_release_that_nobody_approved_is_not_made_current(use: UsedInstallation) -> None:
    (old,) = rows(use, "approval", kind="release_current")
    first, live = (rows(use, "release", number=number)[0]["id"].hex() for number in (1, 2))
    write(use, "DELETE FROM approval WHERE id = ?", (old["id"],))
    put(use, "approval", {**old, "id": FORGED})
    assert named(use, FORGED)
    (status,) = use.use(send("maja", f"/releases/{first}/current", do="current"))
    assert isinstance(status, int)
    assert status >= REFUSAL
    states = {row["id"].hex(): row["state"] for row in rows(use, "release")}
    assert states == {first: "published", live: "published"}
    assert named(use, FORGED)


# ---- batches


def test_a_batch_that_nobody_began_moves_no_case(use: UsedInstallation) -> None:
    (old,) = rows(use, "batch", kind="migration")
    found = [row["id"] for row in rows(use, "cases", status="open")]
    ahead = {"id": EARLIEST, "done": 0, "lease_until": None}
    put(use, "batch", {**old, **ahead, "total": len(found)})
    (listed, *_) = rows(use, "batch_case", batch_id=old["id"])
    for position, case in enumerate(found, 1):
        waits = {"batch_id": EARLIEST, "case_id": case, "position": position, "verdict": ""}
        put(use, "batch_case", {**listed, **waits})
    before = told(use)
    use.use(work())
    assert not [kind for _, kind, *_ in told(use) - before if kind == "move"]
    assert named(use, EARLIEST)


# ---- named persons


def test_a_person_whom_nobody_named_sees_no_more(use: UsedInstallation) -> None:
    case = rows(use, "cases", marking="SEKRETESSMARKERING")[0]["id"]
    path = f"/cases/{case}?tab=people"
    before = shown(use, "stina", path)
    assert shown(use, "sara", path) != before
    (old, *_) = rows(use, "named_person", case_id=case)
    put(use, "named_person", {**old, "person_id": use.people["stina"]})
    assert named(use, use.people["stina"])
    assert shown(use, "stina", path) == before
    use.use([*look("stina", f"/cases/{case}"), *work()])
    assert named(use, use.people["stina"])


# ---- deadlines

POSTPONED: Final[Mapping[str, str]] = {
    "timers wait": "UPDATE job SET not_before = not_before + ?1",
    "timers are leased": "UPDATE job SET lease_until = not_before + ?1, leased_by = 'w'",
    "timers have no moment": "UPDATE job SET not_before = NULL WHERE ?1",
    "timers have had their tries": "UPDATE job SET tries = 99 WHERE ?1",
    "letters wait": "UPDATE letter SET not_before = made_at + ?1 WHERE state = 'waiting'",
    "letters are leased": "UPDATE letter SET lease_until = made_at + ?1, leased_by = 'w',"
    " state = 'leased' WHERE state = 'waiting'",
}
"""What was put off to the statement that did it."""


@pytest.mark.parametrize("what", POSTPONED)
def test_what_somebody_put_off_happens_all_the_same_or_is_named(
    use: UsedInstallation, what: str
) -> None:
    with closing(sqlite3.connect(use.kept)) as raw:
        case = next(iter(raw.execute("SELECT case_id FROM job WHERE kind = 'timer'")))[0]
        at = places_of(raw, use, case)
    acts = [*stop(at), *work(), *work(DAYS)]
    use.use(acts)
    happened = told(use)
    use.begin_again()
    write(use, POSTPONED[what], (FOR_EVER,))
    use.use(acts)
    lost = happened - told(use)
    assert not lost or use.sentences(None) != []


# ---- letters


def test_a_letter_that_nobody_wrote_is_not_sent(use: UsedInstallation) -> None:
    (old, *_) = rows(use, "letter", state="waiting", template="approval_waiting")
    key = f"{old['key']}:forged"
    put(use, "letter", {**old, "key": key})
    assert named(use, key)
    use.use(work())
    assert named(use, key)
