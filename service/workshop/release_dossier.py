"""The dossier of a release: how it was published, as one canonical JSON text whose digest stands in
the ledger entry of the publication.

The evidence is gathered before the transaction that publishes, because it takes seconds. The text
names staff by their ids, so that the bytes can be handed out and compared with the digest; a page
puts the names in.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from service.errors import Finding
from service.people import accounts
from service.records.context import Services, release_stream
from service.release.bundle import Bundle, dossier_digest
from service.release.handler_digests import handler_digests
from service.security import ledger_lines
from service.security.ledger_lines import Canonical
from service.store.installation import ledger_entries, releases
from service.store.transaction import Tx
from service.store.work import batches
from service.text import finding_text, languages
from service.workshop.comparison.diff import Handlers, diff_bundles
from service.workshop.data_flow.wider import wider_flows
from service.workshop.drafts import authors, finding_key
from service.workshop.promises.drafted import DraftPromises

Row = dict[str, Canonical]
FORMAT: Final = 1
PEOPLE: Final = ("published", "reviewer", "data_protection")
"""Staff whom a dossier names one by one, in this order; the authors besides."""


class PlayedScenario(Protocol):
    """Name and result of a scenario."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def passed(self) -> bool:
        """Whether it came to the end that it must come to."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence about the files of a draft, for the reader of a dossier; each list row by row.

    A sentence is kept in every language, by the code of the language.
    """

    digest: str
    """Digest of the files that the evidence is about."""
    changes: tuple[Row, ...] = ()
    flows: tuple[Row, ...] = ()
    """Where data flows wider."""
    promises: tuple[Row, ...] = ()
    scenarios: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Signatures:
    """Ids of those who answer for a publication; data protection only where data flows wider."""

    published: str
    reviewer: str
    data_protection: str = ""


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """The facts of a dossier, but for the release and its number: it gets them when published."""

    facts: Mapping[str, ledger_lines.Canonical]

    def text(self, release: str, process: str, number: int) -> str:
        """The canonical text."""
        about: dict[str, ledger_lines.Canonical] = {"format": FORMAT, "process": process}
        about |= {"release": release, "number": number}
        return ledger_lines.canonical({**about, **self.facts}).decode()


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier as a page shows it: sentences in one language, and staff by name.

    `people` has (what she did, her name), in the order in which they act. `numbers` has (verdict,
    cases) of the dry run, None where there was no case to try.
    """

    digest: str
    """SHA-256 of the stored text, as the ledger names it."""
    at: datetime
    note: str
    people: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, str], ...]
    flows: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, str], ...]
    promises: tuple[tuple[str, str], ...]
    scenarios: tuple[tuple[str, bool], ...]
    numbers: tuple[tuple[str, int], ...] | None
    dry_run_at: datetime | None


def gather_evidence(
    services: Services,
    base: Bundle,
    bundle: Bundle,
    *,
    handlers: Handlers,
    scenarios: Iterable[PlayedScenario] = (),
) -> Evidence:
    """Gather the evidence about a draft that is to follow a release.

    Args:
        base: files of the release in force.
        handlers: topic to the digest of its handler, as that release has them.
        scenarios: results of those of the draft.
    """
    both = (handlers, handler_digests(services.topics))
    changes: dict[str, list[tuple[Row, str]]] = {}
    flows: dict[str, list[tuple[Row, str]]] = {}
    promises: dict[str, list[tuple[Row, str]]] = {}
    for lang in languages():
        changes[lang] = [
            ({"class": one.kind, "file": one.file, "element": one.element}, one.text)
            for one in diff_bundles(base, bundle, services.topics, lang, both)
        ]
        flows[lang] = [
            ({"kind": one.kind, "file": one.file, "element": one.element}, one.text)
            for one in wider_flows(services, base, bundle, lang)
        ]
        promises[lang] = [
            ({"process": one.process, "verdict": one.verdict}, one.words)
            for one in DraftPromises(bundle, services, lang).listed()
        ]
    return Evidence(
        bundle.digest,
        _rows(changes),
        _rows(flows),
        _rows(promises),
        tuple({"name": one.name, "passed": one.passed} for one in scenarios),
    )


def make_record(
    tx: Tx,
    services: Services,
    *,
    draft: releases.Draft,
    base: str,
    evidence: Evidence,
    findings: Collection[Finding],
    seen: Collection[str],
    signatures: Signatures,
    note: str,
    now: datetime,
) -> DossierRecord:
    """Make the record of a publication.

    Args:
        base: id of the release that was in force.
        seen: warnings that the publisher has seen, by `finding_key`.
    """
    people: dict[str, ledger_lines.Canonical] = {
        "published": signatures.published,
        "reviewer": signatures.reviewer,
        "data_protection": signatures.data_protection,
        "authors": tuple(sorted(authors(tx, services, draft.id))),
    }
    rows = [finding_row(one, seen=finding_key(one) in seen) for one in findings]
    return DossierRecord(
        {
            "at": ledger_lines.moment(now),
            "base": base,
            "draft": draft.id,
            "note": note,
            "people": people,
            "changes": list(evidence.changes),
            "data_flows": list(evidence.flows),
            "findings": list(rows),
            "promises": list(evidence.promises),
            "scenarios": list(evidence.scenarios),
            "dry_run": _dry_run(tx, services, evidence.digest),
        }
    )


def load_dossier(tx: Tx, services: Services, release_id: str, lang: str) -> Dossier | None:
    """Load the dossier of a release; None for a release that was published before dossiers were
    kept, or by whoever runs the machine.
    """
    row = releases.dossier(tx, release_id)
    if row is None:
        return None
    facts = json.loads(row.content)
    people, authored = facts["people"], facts["people"]["authors"]
    named = [("author", id_) for id_ in authored]
    named += [(role, people[role]) for role in reversed(PEOPLE) if people[role]]
    names = accounts.names(tx, services, [id_ for _, id_ in named])
    run = facts["dry_run"]
    return Dossier(
        digest=dossier_digest(row.content),
        at=_moment(facts["at"]),
        note=facts["note"],
        people=tuple((role, names.get(id_, id_)) for role, id_ in named),
        changes=_sentences(facts["changes"], "class", lang),
        flows=_sentences(facts["data_flows"], "kind", lang),
        findings=_sentences(facts["findings"], "severity", lang),
        promises=_sentences(facts["promises"], "verdict", lang),
        scenarios=tuple((one["name"], one["passed"]) for one in facts["scenarios"]),
        numbers=tuple(run["numbers"].items()) if run else None,
        dry_run_at=_moment(run["at"]) if run else None,
    )


def finding_row(found: Finding, *, seen: bool) -> Row:
    """A finding as the dossier keeps it."""
    said: Row = {
        lang: finding_text(found.code, found.message, found.facts, lang) for lang in languages()
    }
    where: Row = {"file": found.file, "element": found.element}
    return {"code": found.code, "severity": found.severity, **where, "text": said, "seen": seen}


def _rows(by_lang: Mapping[str, Sequence[tuple[Row, str]]]) -> tuple[Row, ...]:
    """The rows of one list, with their sentences in each language."""
    return tuple(
        {**same[0][0], "text": {lang: one[1] for lang, one in zip(by_lang, same, strict=True)}}
        for same in zip(*by_lang.values(), strict=True)
    )


def _dry_run(tx: Tx, services: Services, digest: str) -> dict[str, ledger_lines.Canonical]:
    """Numbers of the newest dry run of these files; empty where there was no case to try."""
    found: dict[str, ledger_lines.Canonical] = {}
    after = 0
    while entries := ledger_entries.of_stream(tx, release_stream(services), after=after):
        after = entries[-1].seq
        for entry in entries:
            body = json.loads(entry.body) if entry.kind == "dry_run_ended" else {}
            if (body.get("release"), body.get("state")) == (digest, batches.DONE):
                by, numbers = entry.actor, body["numbers"]
                found = {"at": ledger_lines.moment(entry.at), "by": by, "numbers": numbers}
    return found


def _sentences(rows: list[dict[str, Any]], kind: str, lang: str) -> tuple[tuple[str, str], ...]:
    return tuple((row[kind], row["text"].get(lang) or row["text"]["sv"]) for row in rows)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
