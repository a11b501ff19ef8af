"""Tables of the installation: offices, people, sessions, releases, keys, settings, the ledger.

The places of ledger entries in the one log, rate limits and the answers to repeated requests too.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table, UniqueConstraint

from service.store.tables.column_types import (
    Day,
    Digest,
    Hash,
    Id,
    Json,
    LargeNumber,
    Moment,
    Number,
    OpenBytes,
    OpenText,
    PackedJson,
    PackedText,
    Wrapped,
    plain,
    sealed,
    secret,
)
from service.store.tables.metadata import checked_elsewhere, decides, metadata

OFFICE = "office.id"
PERSON = "person.id"
STREAM = "stream.number"
CHOICE = "a choice of the person herself, such as her language"

office = Table(
    "office",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("name", OpenText("the name of a public authority or organisation")),
    plain("kind", Id()),
    plain("countries", Json("codes of the countries that the office covers")),
    plain("municipalities", Json("codes of the municipalities that the office covers")),
    plain("calendar", Id()),
    plain("zone", Id()),
    plain("language", Id()),
    sealed("address", "C1", empty=True),
    plain("closed_at", Moment(), empty=True),
    info=checked_elsewhere("the ledger binds it; who acts in it has a role of her own"),
)

person = Table(
    "person",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("office_id", Id(), ForeignKey(OFFICE), index=True),
    secret("sign_in", Digest(), unique=True),
    sealed("name", "C1"),
    sealed("email", "C1", empty=True),
    # always empty since schema 0009: the MAC of each row covers it, so it goes with the next change
    # of what that MAC covers. A password is a row of `credential`.
    secret("password", Wrapped(), empty=True),
    plain("language", Id()),
    plain("settings", Json("choices of theme, density and shortcuts by code")),
    plain("made_at", Moment()),
    plain("closed_at", Moment(), empty=True),
    secret("mac", Digest()),
    info=decides(language=CHOICE, settings=CHOICE),
)

membership = Table(
    "membership",
    metadata,
    plain("person_id", Id(), ForeignKey(PERSON), primary_key=True),
    plain("role", Id(), primary_key=True),
    secret("mac", Digest()),
    info=decides(),
    sqlite_with_rowid=False,
)

absence = Table(
    "absence",
    metadata,
    plain("person_id", Id(), ForeignKey(PERSON), primary_key=True),
    plain("deputy_id", Id(), ForeignKey(PERSON), index=True),
    plain("first_day", Day()),
    plain("last_day", Day()),
    plain("by", Id()),
    plain("at", Moment()),
    secret("mac", Digest(), empty=True),
    info=decides(),
    sqlite_with_rowid=False,
)
"""When a person is away, by the days of her office, and which colleague stands in for her."""

document_request = Table(
    "document_request",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("office_id", Id(), ForeignKey(OFFICE), index=True),
    plain("by", Id()),
    plain("at", Moment()),
    plain("due", Moment()),
    plain("outcome", Id()),
    plain("decided_by", Id()),
    plain("decided_at", Moment(), empty=True),
    plain("given", Id()),
    plain("given_at", Moment(), empty=True),
    sealed("wish", "C3", empty=True),
    secret("mac", Digest()),
    info=decides(),
)
"""A public document that somebody asked an office for: what is asked for, in words, and what was
decided. Who asks, and why, is nowhere; neither is a case."""

report = Table(
    "report",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("first_year", Number()),
    plain("last_year", Number()),
    plain("version", Number()),
    plain("tables", PackedJson("sums of many cases; those under a limit are not in it")),
    plain("by", Id()),
    plain("at", Moment()),
    UniqueConstraint("first_year", "last_year", "version"),
    info=checked_elsewhere("the ledger binds it; figures of many cases"),
)
"""Tables of the programme report as they were published, each version."""

login_session = Table(
    "login_session",
    metadata,
    secret("token_hash", Digest(), primary_key=True),
    plain("person_id", Id(), ForeignKey(PERSON), index=True),
    plain("made_at", Moment()),
    plain("seen_at", Moment()),
    plain("ends_at", Moment(), index=True),
    secret("csrf", Digest()),
    plain("verified_at", Moment(), empty=True),
    plain("browser", Id()),
    plain("begun_by", Id(), empty=True),
    secret("mac", Digest()),
    info=decides(
        seen_at="when the person last did something; a sign-in ends by itself all the same"
    ),
)

credential = Table(
    "credential",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("person_id", Id(), ForeignKey(PERSON), index=True),
    plain("kind", Id()),
    secret("digest", Digest(), unique=True, empty=True),
    secret("proof", Wrapped(), empty=True),
    sealed("seed", "C1", empty=True),
    sealed("name", "C1", empty=True),
    plain("about", Json("codes and ids: operations of a program, how a key is reached")),
    plain("count", LargeNumber()),
    plain("made_at", Moment()),
    plain("made_by", Id()),
    plain("ends_at", Moment(), empty=True),
    plain("used_at", Moment(), empty=True),
    plain("ended_at", Moment(), empty=True),
    secret("mac", Digest()),
    info=decides(used_at="when it was last used; it ends by itself all the same"),
)
"""Ways to sign in, each of a person or a program (`installation.credentials` has the kinds)."""

short_lived_text = Table(
    "held",
    metadata,
    secret("key", Digest(), primary_key=True),
    plain("person_id", Id(), ForeignKey(PERSON), index=True),
    sealed("sealed", "C3"),
    plain("ends_at", Moment(), index=True),
    info=checked_elsewhere("sealed under the key of its person"),
    sqlite_with_rowid=False,
)

release = Table(
    "release",
    metadata,
    plain("id", Hash(), primary_key=True),
    plain("process", Id()),
    plain("number", Number()),
    plain("digest", Hash()),
    plain("files", OpenBytes("diagrams, rules and forms hold no data of persons")),
    plain("handlers", Json("topics and the fingerprints of their code")),
    plain("state", Id()),
    plain("note", OpenText("what changed in the process, for those who work in it")),
    plain("proposed_by", Id(), empty=True),
    plain("proposed_at", Moment(), empty=True),
    plain("approved_by", Id(), empty=True),
    plain("published_by", Id(), empty=True),
    plain("published_at", Moment(), empty=True),
    secret("mac", Digest(), empty=True),
    UniqueConstraint("process", "number"),
    info=decides(files="its id is their digest, with which they are compared when they are read"),
)

release_dossier = Table(
    "release_dossier",
    metadata,
    plain("release_id", Hash(), ForeignKey("release.id"), primary_key=True),
    plain("content", OpenText("how a release was published: it names staff by ids, and no case")),
    info=checked_elsewhere("the ledger holds its digest"),
    sqlite_with_rowid=False,
)

draft = Table(
    "draft",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("process", Id(), index=True),
    plain("base", Hash(), ForeignKey("release.id"), empty=True),
    plain("title", OpenText("what the draft is for, for process owners")),
    plain("rev", Number()),
    plain("files", OpenBytes("diagrams, rules and forms hold no data of persons")),
    plain("by", Id()),
    plain("at", Moment()),
    plain("closed_at", Moment(), empty=True),
    secret("mac", Digest(), empty=True),
    info=decides(),
)

draft_state = Table(
    "draft_state",
    metadata,
    plain("draft_id", Id(), ForeignKey("draft.id"), primary_key=True),
    plain("file", OpenText("name of a file of a release"), primary_key=True),
    plain("rev", Number(), primary_key=True),
    plain("content", OpenBytes("diagrams, rules and forms hold no data of persons"), empty=True),
    plain("by", Id()),
    plain("at", Moment()),
    info=checked_elsewhere("a text that an owner may go back to, and sees; review follows"),
)

vault_key = Table(
    "vault_key",
    metadata,
    plain("owner", Id(), primary_key=True),
    plain("key_id", Hash(), unique=True),
    plain("epoch", Number(), index=True),
    secret("wrapped", Wrapped()),
    secret("check_value", Digest()),
    plain("case_id", Id(), empty=True, index=True),
    plain("office_id", Id(), empty=True),
    plain("klass", Id(), empty=True),
    info=checked_elsewhere("wrapped under the keyring, with a check value"),
    sqlite_with_rowid=False,
)
"""`case_id`, `office_id` and `klass` find the keys of a case; their owners say the same."""

stream = Table(
    "stream",
    metadata,
    plain("number", Number(), primary_key=True),
    plain("name", Id(), unique=True),
    info=checked_elsewhere("each entry is hashed with the name of its stream"),
)
"""The streams of the ledger. Numbers are for tables alone: what is hashed names the stream."""

line = Table(
    "line",
    metadata,
    plain("stream", Number(), ForeignKey(STREAM), primary_key=True, autoincrement=False),
    plain("seq", Number(), primary_key=True, autoincrement=False),
    plain("hash", Hash()),
    plain("kind", Id()),
    plain("at", Moment()),
    plain("actor", Id()),
    plain("office", Id()),
    plain("body", PackedText("canonical JSON of ids, codes and digests; no value of a person")),
    plain("open", Hash(), empty=True),
    plain("seal", Hash(), empty=True),
    secret("mac", Digest(), empty=True),
    Index("ix_line_at", "at", "stream", "seq"),
    Index("ix_line_kind", "kind", "at", "stream", "seq", "office"),
    Index("ix_line_actor", "actor", "at", "stream", "seq"),
    Index("ix_line_office", "office", "at", "stream", "seq"),
    info=checked_elsewhere(
        "each entry holds the hash of the one before, and bears a MAC over place and hash"
    ),
    sqlite_with_rowid=False,
)
"""The indexes are those of an auditor's searches."""

log_index = Table(
    "log_index",
    metadata,
    plain("stream", Number(), ForeignKey(STREAM), primary_key=True, autoincrement=False),
    plain("seq", Number(), primary_key=True, autoincrement=False),
    plain("idx", Number()),
    info=checked_elsewhere("signed checkpoints name the places"),
    sqlite_with_rowid=False,
)

log_waiting = Table(
    "log_waiting",
    metadata,
    plain("stream", Number(), ForeignKey(STREAM), primary_key=True, autoincrement=False),
    plain("seq", Number(), primary_key=True, autoincrement=False),
    info=checked_elsewhere("a list of entries without a place, which verification makes anew"),
    sqlite_with_rowid=False,
)

checkpoint = Table(
    "checkpoint",
    metadata,
    plain("id", Number(), primary_key=True, autoincrement=False),
    plain("size", Number()),
    plain("peaks", OpenBytes("hashes of hashes")),
    plain("note", OpenText("size, root and signature of the log")),
    info=checked_elsewhere("signed, and kept outside too"),
)

once = Table(
    "once",
    metadata,
    plain("key", Id(), primary_key=True),
    plain("person_id", Id(), primary_key=True),
    plain("route", Id(), primary_key=True),
    plain("body_mac", Hash()),
    plain("status", Number()),
    plain("location", OpenText("an address of the site: ids only")),
    plain("at", Moment(), index=True),
    info=checked_elsewhere("an answer to a repeated request: where it leads is checked there"),
    sqlite_with_rowid=False,
)

throttle = Table(
    "throttle",
    metadata,
    secret("key", Digest(), primary_key=True),
    plain("count", Number()),
    plain("since", Moment()),
    plain("until", Moment(), empty=True),
    info=checked_elsewhere("how often something was tried; it opens nothing by itself"),
    sqlite_with_rowid=False,
)

case_number = Table(
    "case_number",
    metadata,
    plain("year", Number(), primary_key=True, autoincrement=False),
    plain("last", Number()),
    info=checked_elsewhere("a number that is taken already is refused"),
)

setting = Table(
    "setting",
    metadata,
    plain("name", Id(), primary_key=True),
    plain(
        "value", OpenText("what the operator chose: numbers, ids, addresses of the installation")
    ),
    info=checked_elsewhere("the ledger binds each one that decides something"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    plain("name", Id(), primary_key=True),
    plain("at", Moment()),
    plain("number", Number()),
    info=checked_elsewhere("a sign of life"),
    sqlite_with_rowid=False,
)
"""Last signs of life: of a worker, of the write test, of `tresteg verify` with its faults. Nothing
is decided by them but whether the site calls itself ready."""
