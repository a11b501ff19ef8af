"""Opens every sealed value of an installation and sums up all kept bytes.

Nothing here asks the product what a value is called: names of purposes, tables and columns are
literals, so a renamed one opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from sqlalchemy import select

from service.application.container import Tresteg
from service.operations import moved_passwords
from service.people import second_factor
from service.records.fact_format import fact_hash
from service.security import ledger_lines
from service.security.vault import OwnerKey, bearers_key
from service.store.casefile import facts
from service.store.changes import RowMac
from service.store.guarded_rows import MAC, content
from service.store.installation import ledger_anchor
from service.store.row_scope import as_system
from service.store.tables import credential, line, log_waiting, person
from service.store.tables import metadata as _filled
from service.store.tables.column_types import Sealed
from service.store.tables.metadata import metadata
from service.store.transaction import Tx

assert metadata is _filled

Row = Mapping[str, Any]
Opened = tuple[str, bytes]
"""Where a value lies, and what it is."""

NEVER_WRITTEN = {
    ("person", "email"): "no verb takes a person's mail address",
    ("consent", "withdrawal"): "what was said when a consent was taken back lies in the answers",
}
"""Sealed columns that no verb fills, with the reason."""
WORDS = "word"
"""Key of a ledger line's body that holds a sealed text, in base64."""


def sealed_columns() -> list[tuple[str, str]]:
    """Every sealed column of every table."""
    return [
        (t.name, c.name)
        for t in metadata.sorted_tables
        for c in t.columns
        if isinstance(c.type, Sealed)
    ]


def rows(tx: Tx, table: str) -> list[Row]:
    """All rows of a table, in the order of its key."""
    found = metadata.tables[table]
    asked = as_system("verify", select(found).order_by(*found.primary_key.columns))
    return [dict(row) for row in tx.conn.execute(asked).mappings()]


def lines(tx: Tx) -> list[Row]:
    """All ledger entries, each with the name of its stream."""
    names = {row["number"]: row["name"] for row in rows(tx, "stream")}
    return [{**row, "stream": names[row["stream"]]} for row in rows(tx, "line")]


def every_fact(tx: Tx) -> list[facts.Fact]:
    """The facts of all cases."""
    return [fact for row in rows(tx, "cases") for fact in facts.of_case(tx, row["id"])]


class Opener:
    """Opens an installation's sealed values; `secrets` are those that browsers bear."""

    def __init__(self, tx: Tx, program: Tresteg, secrets: Mapping[str, str]) -> None:
        self.tx, self.program, self.secrets = tx, program, secrets
        self.documents = {row["id"]: row for row in rows(tx, "document")}
        self.offices = {(row["case_id"], row["rev"]): row["office"] for row in rows(tx, "fact")}
        self.owners = {row["owner"] for row in rows(tx, "vault_key")}

    def key(self, owner: str) -> OwnerKey:
        """The open key of an owner."""
        found = self.program.services.key(self.tx, owner)
        assert found is not None, owner
        return found

    def records(self, case: str, office: str, klass: str) -> OwnerKey:
        """The open key of what an office wrote of a class; a case of 0.2.0 has one for all."""
        owner = f"records:{case}:{office}:{klass}"
        return self.key(owner if owner in self.owners else f"case:{case}")

    def every(self) -> Iterator[Opened]:
        """Every sealed value of every table, and every sealed word of the ledger."""
        for table, column in sealed_columns():
            how = HOW.get((table, column))
            for row in rows(self.tx, table):
                if row[column] is not None:
                    assert how is not None, (table, column)
                    yield f"{table}.{column} {_name(table, row)}", how(self, row)
        for row in lines(self.tx):
            word = json.loads(row["body"]).get(WORDS, "")
            if word:
                yield f"line.body {row['stream']} {row['seq']}", self._word(row, word)

    def _word(self, row: Row, word: str) -> bytes:
        kind, _, about = row["stream"].partition("/")
        owner = f"person:{row['actor']}" if kind == "office" else f"case:{about}"
        if row["kind"] == "request_longer":
            owner = f"office:{json.loads(row['body'])['to']}"
        key = self.key(owner)
        return key.open(
            "notes",
            base64.b64decode(word),
            table="line",
            column="body",
            row=row["stream"],
            extra=row["actor"],
        )

    def snapshot(self, row: Row) -> bytes:
        extra = f"{row['rev']}|{row['release_id']}"
        return self.key(f"case:{row['id']}").open(
            "snapshot",
            row["snapshot"],
            table="cases",
            column="snapshot",
            row=row["id"],
            extra=extra,
        )

    def of_fact(self, row: Row, column: str, purpose: str) -> bytes:
        case, extra = row["case_id"], str(row["rev"])
        where = {"table": "fact_payload", "column": column, "row": case, "extra": extra}
        office, (_, _, klass) = self.offices[case, row["rev"]], purpose.partition("/")
        key = self.records(case, office, klass) if klass else self.key(f"case:{case}")
        return key.open_committed(purpose, row[column], **where)[0]

    def consent(self, row: Row) -> bytes:
        office = self.offices[row["case_id"], row["rev_given"]]
        key = self.records(row["case_id"], office, "C1")
        return key.open(
            "consents",
            row["detail"],
            table="consent",
            column="detail",
            row=row["id"],
            extra=row["purpose"],
        )

    def document(self, row: Row) -> bytes:
        return self.of_document(row).open(
            "files", row["name"], table="document", column="name", row=row["id"]
        )

    def chunk(self, row: Row) -> bytes:
        about = self.documents[row["document_id"]]
        where = {
            "table": "document_chunk",
            "column": "sealed",
            "row": about["id"],
            "extra": f"{row['nth']}/{about['chunks']}",
        }
        return self.of_document(about).open("files", row["sealed"], **where)

    def of_document(self, row: Row) -> OwnerKey:
        klass = "C3" if row["template"] or row["shows"] else row["klass"]
        return self.records(row["case_id"], row["office"], klass)

    def hold(self, row: Row) -> bytes:
        return self.key(f"office:{row['office_id']}").open(
            "notes", row["reason"], table="hold", column="reason", row=row["id"]
        )

    def of_request(self, row: Row, column: str) -> bytes:
        return self.key(f"office:{row['office_id']}").open(
            "notes", row[column], table="subject_request", column=column, row=row["id"]
        )

    def wish(self, row: Row) -> bytes:
        return self.key(f"office:{row['office_id']}").open(
            "notes", row["wish"], table="document_request", column="wish", row=row["id"]
        )

    def note(self, row: Row) -> bytes:
        return self.records(row["case_id"], row["office_id"], "C3").open(
            "notes", row["sealed"], table="note", column="sealed", row=row["id"]
        )

    def reason(self, row: Row) -> bytes:
        owner = f"case:{row['case_id']}" if row["case_id"] else f"person:{row['asked_by']}"
        where = {"table": "approval", "column": "reason", "row": row["id"]}
        return self.key(owner).open("notes", row["reason"], **where)

    def unsent(self, row: Row) -> bytes:
        key = self.key(f"case:{row['case_id']}" if row["case_id"] else f"person:{row['person_id']}")
        return key.open(
            "unsent",
            row["sealed"],
            table="unsent",
            column="sealed",
            row=row["key"],
            extra=row["person_id"],
        )

    def address(self, row: Row) -> bytes:
        return self.key(f"office:{row['id']}").open(
            "contact", row["address"], table="office", column="address", row=row["id"]
        )

    def name(self, row: Row) -> bytes:
        return self.key(f"person:{row['id']}").open(
            "contact", row["name"], table="person", column="name", row=row["id"]
        )

    def of_credential(self, row: Row, column: str) -> bytes:
        return self.key(f"person:{row['person_id']}").open(
            "contact", row[column], table="credential", column=column, row=row["id"]
        )

    def loaded(self, row: Row) -> bytes:
        key = bearers_key(self.secrets[row["key"].hex()])
        return key.open(
            "held",
            row["sealed"],
            table="held",
            column="sealed",
            row=row["key"].hex(),
            extra=row["person_id"],
        )

    def inputs(self, row: Row) -> bytes:
        return self.key(f"case:{row['case_id']}").open(
            "routing", row["inputs"], table="job", column="inputs", row=row["key"]
        )


HOW: Mapping[tuple[str, str], Callable[[Opener, Row], bytes]] = {
    ("cases", "snapshot"): Opener.snapshot,
    ("fact_payload", "routing"): partial(Opener.of_fact, column="routing", purpose="routing"),
    ("fact_payload", "c0"): partial(Opener.of_fact, column="c0", purpose="answers/C0"),
    ("fact_payload", "c1"): partial(Opener.of_fact, column="c1", purpose="answers/C1"),
    ("fact_payload", "c2"): partial(Opener.of_fact, column="c2", purpose="answers/C2"),
    ("fact_payload", "c3"): partial(Opener.of_fact, column="c3", purpose="answers/C3"),
    ("consent", "detail"): Opener.consent,
    ("document", "name"): Opener.document,
    ("document_chunk", "sealed"): Opener.chunk,
    ("note", "sealed"): Opener.note,
    ("hold", "reason"): Opener.hold,
    ("subject_request", "wish"): partial(Opener.of_request, column="wish"),
    ("subject_request", "answer"): partial(Opener.of_request, column="answer"),
    ("document_request", "wish"): Opener.wish,
    ("approval", "reason"): Opener.reason,
    ("unsent", "sealed"): Opener.unsent,
    ("office", "address"): Opener.address,
    ("person", "name"): Opener.name,
    ("credential", "name"): partial(Opener.of_credential, column="name"),
    ("credential", "seed"): partial(Opener.of_credential, column="seed"),
    ("held", "sealed"): Opener.loaded,
    ("job", "inputs"): Opener.inputs,
}


def _name(table: str, row: Row) -> str:
    parts = [row[c.name] for c in metadata.tables[table].primary_key.columns]
    return " ".join(part.hex() if isinstance(part, bytes) else str(part) for part in parts)


def digests(tx: Tx, program: Tresteg, secrets: Mapping[str, str]) -> dict[str, Any]:
    """Digests of all that is kept: opened values, facts, ledger lines, releases, and every row."""
    releases = {row["id"]: program.services.release(tx, row["id"]) for row in rows(tx, "release")}
    make = program.services.vault.row_mac
    return {
        "sealed": {where: sha(plain) for where, plain in Opener(tx, program, secrets).every()},
        "facts": {f"{fact.case_id} {fact.rev}": fact_hash(fact) for fact in every_fact(tx)},
        "lines": {
            f"{row['stream']} {row['seq']}": row["hash"]
            for row in lines(tx)
            if row["actor"] != moved_passwords.UPGRADE.id
        },
        "releases": {
            id_: {name: one.digest for name, one in release.definitions.items()}
            for id_, release in releases.items()
        },
        "packets": {row["id"]: row["packet_sha256"] for row in rows(tx, "referral")},
        "handlers": {row["id"]: row["handlers"] for row in rows(tx, "release")},
        "once": {
            row["key"]: [row["route"], row["body_mac"], row["status"], row["location"]]
            for row in rows(tx, "once")
        },
        "rows": {
            t.name: sha(
                ledger_lines.canonical(
                    [
                        _plain(t.name, row, make)
                        for row in _as_before(tx, t.name)
                        if row.get("name") not in ADDED_ROWS.get(t.name, ())
                    ]
                )
            )
            for t in metadata.sorted_tables
        },
    }


ADDED: Mapping[str, tuple[str, ...]] = {
    "task": ("ref", "sender"),
    "cases": ("sums",),
    "login_session": ("begun_by",),
    "vault_key": ("case_id", "office_id", "klass"),
}
"""Columns that a later version added and that its upgrade fills from other tables."""
ADDED_ROWS: Mapping[str, tuple[str, ...]] = {
    "setting": (ledger_anchor.NAME, second_factor.GRACE_ENDS)
}
"""Rows that the upgrade to a later version puts in, by the column `name`."""
WITH_MAC = ("case_grant", "login_session", "membership", "person")
"""Tables whose rows bore a MAC from the beginning: of their canonical JSON, until 0.3.0."""


def _as_before(tx: Tx, table: str) -> list[Row]:
    """The rows of a table with what the upgrade to a later version moved elsewhere."""
    if table == line.name:
        return [row for row in rows(tx, table) if row["actor"] != moved_passwords.UPGRADE.id]
    if table == log_waiting.name:
        upgrade = moved_passwords.UPGRADE.id
        entries = (row for row in rows(tx, line.name) if row["actor"] == upgrade)
        new = {(row["stream"], row["seq"]) for row in entries}
        return [row for row in rows(tx, table) if (row["stream"], row["seq"]) not in new]
    if table != person.name:
        return rows(tx, table)
    moved = {row["person_id"]: row["proof"] for row in rows(tx, credential.name)}
    return [{**row, "password": moved.get(row["id"])} for row in rows(tx, table)]


def _plain(table: str, row: Row, make: RowMac) -> dict[str, ledger_lines.Canonical]:
    """A row as text, so that a column that is read otherwise than before is seen; its own MAC in
    the form that it had at first.
    """
    given = {name: value for name, value in row.items() if name not in ADDED.get(table, ())}
    given.pop(MAC, None)
    if table in WITH_MAC:
        given[MAC] = make(content(table, row))
    return {
        name: value.hex() if isinstance(value, bytes) else str(value)
        for name, value in given.items()
    }


def sha(plain: bytes) -> str:
    return hashlib.sha256(plain).hexdigest()
