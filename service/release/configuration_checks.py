"""Findings about the configuration of a process: what its files name, and no file of the release
has.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.access import OWN_OFFICE
from service.errors import BadDiagram, Finding
from service.forms import Form
from service.release.bundle import CONFIG, ROLES, TYPES, Bundle
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.named_fields import RequestNames
from service.release.programme.party_rules import WAYS
from service.release.programme.process_configuration import (
    CORRECTIONS,
    GRANTS,
    PARTIES,
    PROCESS_FILES,
    REFERRALS,
    VISIBILITY,
)
from service.release.programme.task_page_rules import FILE as TASK_PAGES
from service.release.programme.vocabulary import FILE as WORDS
from service.release.programme.vocabulary import GROUP, PURPOSE, Vocabulary
from service.release.release_configuration import (
    read_own_file,
    read_release_vocabulary,
    reading_context,
)

SENTENCES: Final[Mapping[str, str]] = {
    "K101": "{place} names the consent {name}, which {other} does not have.",
    "K102": "No role has letters for the stage {name} of {other}: nobody would see such a case.",
    "K103": "{place} names the group {name}, which {other} does not have.",
    "K104": "{place} names the role {name}, which {other} does not have.",
    "K105": "{place} names the step {name}, which no diagram has.",
    "K106": "{place} names the form {name}, which there is not.",
    "K107": "{place} goes to {name}; it may be {other}.",
    "K108": "{place} names {name}, which {other} does not have as a yes or no.",
    "K109": "{place} names {name}, which {other} does not have as a routing name, or value of it.",
}
"""Code of a finding to its sentence."""
WARNINGS: Final = frozenset({"K105", "K106"})
"""Codes of findings that are only warnings: the step or form may be drawn later."""
_ID: Final = re.compile(rb'\bid="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Named:
    """One name that a file of the configuration uses."""

    code: str
    name: str
    place: str
    """Where it stands, as a person finds it: the row or table."""
    other: str = ""
    """The file that would have it, or what it may be."""


def check_configuration(bundle: Bundle, forms: Mapping[str, Form]) -> Iterator[Finding]:
    """Yield findings about the configuration files of a release: a file that cannot be read, and a
    name that nothing in the release has.

    A consent that nobody can give would close a case for ever, a group that no field has would
    narrow nothing, and a case in a stage without letters would be seen by nobody.
    """
    context = reading_context(bundle)
    found = dict[str, Any]()
    for name in PROCESS_FILES:
        try:
            found |= read_own_file(bundle, name, context)
        except BadDiagram as e:
            yield from e.findings
    words = read_release_vocabulary(bundle, [])
    known = _ReleaseNames(bundle, forms, words or Vocabulary(), frozenset(context.roles))
    for file, check in _CHECKS.items():
        text = bundle.files.get(CONFIG + file, b"").decode("utf-8", "replace")
        if text:
            yield from (
                _finding(file, text, one) for one in check(found, known) if _counts(one, known)
            )


def _counts(one: Named, known: _ReleaseNames) -> bool:
    """Whether a name is worth a finding: not where the file that would have it cannot be read, for
    that is a finding already.
    """
    return not (one.other == WORDS and not known.words.terms) and not (
        one.code == "K104" and not known.roles
    )


def _finding(file: str, text: str, one: Named) -> Finding:
    facts: dict[str, object] = {"place": one.place, "name": one.name, "other": one.other}
    sentence = SENTENCES[one.code].format_map(facts)
    severity = "W" if one.code in WARNINGS else "E"
    line = line_of(text, one.place, one.name)
    return Finding(one.code, severity, CONFIG + file, "", sentence, line=line, facts=facts)


def line_of(text: str, *wanted: str) -> int:
    """The line, from 1, that holds the last of some words, looked for one after the other; 0 when
    it stands nowhere.
    """
    at = 0
    for word in wanted:
        found = text.find(word, at)
        at = at if found < 0 else found
    return text.count("\n", 0, at) + 1 if wanted and wanted[-1] in text[at:] else 0


class _ReleaseNames:
    """What the other files of a release have."""

    def __init__(
        self, bundle: Bundle, forms: Mapping[str, Form], words: Vocabulary, roles: frozenset[str]
    ) -> None:
        self.words, self.roles, self.forms = words, roles, forms
        self.drawn: frozenset[str] = frozenset(
            id_.decode("utf-8", "replace")
            for content in bundle.under("workflows", ".bpmn").values()
            for id_ in _ID.findall(content)
        )
        self.offices = _office_names(bundle)
        types = _types(bundle)
        self.switches = _switches(types) if types is not None else None
        self.values = _values(types) if types is not None else None

    def purposes(self, names: Collection[str], place: str) -> Iterator[Named]:
        for name in _unknown(names, self.words.ids(PURPOSE)):
            yield Named("K101", name, place, WORDS)

    def named_roles(self, names: Collection[str], place: str) -> Iterator[Named]:
        for name in _unknown(names, self.roles):
            yield Named("K104", name, place, ROLES.removeprefix(CONFIG))

    def steps(self, names: Collection[str], place: str) -> Iterator[Named]:
        for name in _unknown([name for name in names if name], self.drawn):
            yield Named("K105", name, place)

    def named_forms(self, names: Collection[str], place: str) -> Iterator[Named]:
        for name in _unknown(names, self.forms):
            yield Named("K106", name, place)


def _office_names(bundle: Bundle) -> tuple[str, ...] | None:
    """Purposes for which `process.toml` names an office; None where it cannot be read."""
    try:
        return tuple(tomllib.loads(bundle.text(CONFIG + PROCESS)).get("offices", ()))
    except (BadDiagram, tomllib.TOMLDecodeError):
        return None


def _types(bundle: Bundle) -> dict[str, dict[str, Any]] | None:
    """Routing names and what each may be; None where `types.toml` cannot be read."""
    try:
        types = tomllib.loads(bundle.text(TYPES))
    except (BadDiagram, tomllib.TOMLDecodeError):
        return None
    return {name: row for name, row in types.items() if isinstance(row, dict)}


def _switches(types: Mapping[str, dict[str, Any]]) -> frozenset[str]:
    """Routing names that are yes or no."""
    return frozenset(name for name, row in types.items() if row.get("type") == "boolean")


def _values(types: Mapping[str, dict[str, Any]]) -> dict[str, Collection[str]]:
    """Routing name to its values, where they are listed."""
    listed = {name: row.get("values") for name, row in types.items()}
    return {name: values for name, values in listed.items() if isinstance(values, list)}


def _unknown(names: Iterable[str], known: Collection[str]) -> list[str]:
    return sorted(set(names) - set(known))


def _of_process(found: Mapping[str, Any], known: _ReleaseNames) -> Iterator[Named]:
    yield from known.purposes(found.get("consent_months", ()), "consent_months")
    if named := found.get("named_fields"):
        yield from known.steps([named.follow_up], "follow_up_step")
        if known.switches is not None:
            for name in _unknown([named.paused] if named.paused else [], known.switches):
                yield Named("K108", name, "paused", TYPES.removeprefix(CONFIG))
        yield from _of_requests(named.requests, known)


def _of_requests(requests: RequestNames, known: _ReleaseNames) -> Iterator[Named]:
    if known.values is None or not requests.guardian:
        return
    values = known.values.get(requests.guardian)
    names = [requests.guardian] if values is None else _unknown(requests.free, values)
    for name in names:
        yield Named("K109", name, "requests", TYPES.removeprefix(CONFIG))


def _of_visibility(found: Mapping[str, Any], known: _ReleaseNames) -> Iterator[Named]:
    matrix = found.get("matrix")
    if matrix is None:
        return
    for stage in known.words.stages:
        if not any(stage in letters for letters in matrix.letters.values()):
            yield Named("K102", stage, "", WORDS)
    for row in matrix.narrowings:
        place = f"[[narrow]] {row.role}"
        groups = {*row.never, *(row.only or ())}
        for group in _unknown(groups, {*known.words.ids(GROUP), OWN_OFFICE}):
            yield Named("K103", group, place, WORDS)


def _of_grants(found: Mapping[str, Any], known: _ReleaseNames) -> Iterator[Named]:
    rules = found.get("grants")
    if rules is None:
        return
    yield from known.purposes(rules.tasks_need, "tasks_need")
    for grant in rules.grants:
        later = grant.from_stage.consent if grant.from_stage is not None else ()
        yield from known.purposes((*grant.consents, *later), grant.rule)
        yield from known.named_roles([grant.role], grant.rule)
        ends = grant.until.element if grant.until is not None else ""
        yield from known.steps([grant.element, ends], grant.rule)
    for step in rules.referrals.values():
        yield from known.purposes([step.purpose], step.element)
        yield from known.named_roles([step.to], step.element)
        yield from known.steps([step.element, step.answer.element], step.element)
        yield from known.named_forms([step.form], step.element)


def _of_parties(found: Mapping[str, Any], known: _ReleaseNames) -> Iterator[Named]:
    for row in found.get("parties", ()):
        yield from known.named_roles([row.role], row.role)
        ways = {*WAYS, *(known.offices or ())}
        if known.offices is not None and row.to not in ways:
            yield Named("K107", row.to, row.role, ", ".join(sorted(ways)))


def _of_referrals(found: Mapping[str, Any], known: _ReleaseNames) -> Iterator[Named]:
    rules = found.get("referrals")
    for purpose in rules.purposes if rules is not None else ():
        yield from known.purposes(purpose.consents, purpose.id)
        yield from known.named_roles((*purpose.senders, *purpose.receivers), purpose.id)


def _of_corrections(found: Mapping[str, Any], known: _ReleaseNames) -> Iterator[Named]:
    if rules := found.get("corrections"):
        yield from known.steps(rules.decisions, "decisions")
        yield from known.named_roles(rules.weigh.roles, "[weigh.roles]")


def _of_task_pages(found: Mapping[str, Any], known: _ReleaseNames) -> Iterator[Named]:
    yield from known.named_forms(found.get("task_pages", ()), "forms")


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], _ReleaseNames], Iterator[Named]]]] = {
    PROCESS: _of_process,
    VISIBILITY: _of_visibility,
    GRANTS: _of_grants,
    PARTIES: _of_parties,
    REFERRALS: _of_referrals,
    CORRECTIONS: _of_corrections,
    TASK_PAGES: _of_task_pages,
}
