"""Evidence of a publication: the draft's differences, promises and scenarios, in each language.

It is gathered before the transaction that publishes, because it takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.errors import Finding
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.handler_digests import handler_digests
from service.security.ledger import Canonical
from service.text import finding_text, languages
from service.workshop.comparison.diff import Handlers, diff_bundles
from service.workshop.data_flow.wider import wider_flows
from service.workshop.promises.drafted import DraftPromises

Row = dict[str, Canonical]


class PlayedScenario(Protocol):
    """What came of a scenario."""

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
    """What a reader of the dossier finds of a draft, each list row by row.

    A sentence stands in every language, by its code.
    """

    digest: str
    """Of the files that it is about."""
    changes: tuple[Row, ...] = ()
    flows: tuple[Row, ...] = ()
    """Where data flows wider."""
    promises: tuple[Row, ...] = ()
    scenarios: tuple[Row, ...] = ()


def gather_evidence(
    services: Services,
    base: Bundle,
    bundle: Bundle,
    *,
    handlers: Handlers,
    scenarios: Iterable[PlayedScenario] = (),
) -> Evidence:
    """Gather what is kept of a draft that is published over a release.

    Args:
        base: files of the release in force.
        handlers: topic to the digest of its handler, as that release has them.
        scenarios: what came of those of the draft.
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
