"""Entries bear a MAC from an anchored place on; one without it, or with another, is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update

from service.audit import verify
from service.operations import row_macs, sequencer
from service.security import ledger_lines
from service.store.installation import installation_values, ledger_anchor, ledger_entries
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import setting
from tests.support.damaged_case import DamagedCase

NONE = "I10: expected an entry that this installation wrote, found one without its MAC"
OTHER = "I10: expected an entry that this installation wrote, found one with another MAC"


def forge(damaged: DamagedCase, stream: str, mac: bytes | None = None) -> int:
    """Go on with a chain as somebody without the key could; gives the number of the entry."""
    end = ledger_entries.end(damaged.tx, stream)
    entry = ledger_lines.write(stream, end, kind="clock_confirmed", at=damaged.desk.clock.now())
    if not end[0]:
        damaged.tx.run(ledger_entries.ADD_STREAM, {"name": stream})
    damaged.tx.run(ledger_entries.ADD, {**values(entry), "mac": mac})
    return entry.seq


def sentences(damaged: DamagedCase) -> list[str]:
    return [str(fault) for fault in damaged.faults()]


@pytest.mark.parametrize("mac", [None, bytes(16), b""])
def test_an_entry_that_fits_the_chain_alone_is_named(
    damaged: DamagedCase, mac: bytes | None
) -> None:
    said = NONE if mac is None else OTHER
    of_case = forge(damaged, f"case/{damaged.case}", mac)
    system = forge(damaged, "system", mac)
    assert sentences(damaged) == [
        f"{damaged.case} line {of_case}: {said}",
        f"system line {system}: {said}",
    ]
    services, now = damaged.desk.program.services, damaged.desk.clock.now()
    alone = verify.verify(damaged.tx, services, damaged.case, now=now)
    assert [str(one) for one in alone.faults] == [f"{damaged.case} line {of_case}: {said}"]
    assert verify.verify_without_keys(damaged.tx, now=now).faults == ()


def test_a_mac_that_was_taken_away_is_named(damaged: DamagedCase) -> None:
    damaged.update("line", "mac = NULL", "stream = :stream AND seq = 2")
    assert sentences(damaged) == [f"{damaged.case} line 2: {NONE}"]


def old(damaged: DamagedCase) -> None:
    """Let the entries be those of an older program, some without a place, and upgrade them."""
    while sequencer.sequence(damaged.tx, damaged.desk.program.services, outside=None).entries:
        pass
    drop = "DROP TRIGGER line_no_update" + (" ON line" if damaged.tx.postgres else "")
    damaged.tx.conn.execute(as_system("schema", text(drop)))
    forge(damaged, "old")
    damaged.tx.conn.execute(as_system("schema", text("UPDATE line SET mac = NULL")))
    services = damaged.desk.program.services
    list(row_macs.give_macs(damaged.tx, services, damaged.desk.clock.now()))


def test_what_stood_before_needs_none(damaged: DamagedCase) -> None:
    """Also what had no place yet: it gets one."""
    old(damaged)
    assert sentences(damaged) == []
    forge(damaged, "old")
    assert sentences(damaged) == [f"old line 2: {NONE}"]
    done = sequencer.sequence(damaged.tx, damaged.desk.program.services, outside=None)
    assert (done.entries, done.forged) == (1, ("old 2",))
    assert sentences(damaged) == [f"old line 2: {NONE}"]


@pytest.mark.parametrize("change", ["gone", "more", "mac", "text"])
def test_the_anchor_cannot_be_moved(damaged: DamagedCase, change: str) -> None:
    """Whoever changes it has every entry named that bears no MAC."""
    old(damaged)
    kept = installation_values.get(damaged.tx, ledger_anchor.NAME)
    size = kept.partition("[")[2].partition(",")[0]
    other = {
        "gone": "",
        "more": kept.replace(f"[{size},", f"[{int(size) + 9},", 1),
        "mac": kept[:-3] + ("0" if kept[-3] != "0" else "1") + kept[-2:],
        "text": "no JSON",
    }[change]
    assert other != kept
    damaged.tx.run(
        as_system("schema", update(setting).where(setting.c.name == ledger_anchor.NAME)),
        {"value": other},
    )
    assert f"{damaged.case} line 1: {NONE}" in sentences(damaged)
