"""Prepared releases: files read and built once, then cached for every thread.

A bundle is linted when it is published (`prepare`), and never again (`build`).

A release never changes, so nothing in the cache expires.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, TypeAlias

from service.binding import Declaration
from service.engine import (
    Definition,
    Expression,
    Files,
    FormFacts,
    RoleFacts,
    TopicFacts,
    Type,
    build_published,
    drawn_in,
    lint,
    read,
)
from service.errors import BadDiagram, Finding
from service.forms import Form, inspect_form
from service.release.appeal_checks import appeal_findings
from service.release.bundle import TYPES, Bundle, unpack_release
from service.release.configuration_checks import check_configuration
from service.release.consent_texts import INFORMATION, ConsentTexts, read_consent_texts
from service.release.ground_checks import ground_findings
from service.release.handler_contracts import check_contracts
from service.release.language_words import ReleaseLanguages, read_languages
from service.release.names_read import check_names_read
from service.release.paper_templates import PaperTemplate, check_papers, read_papers, top_fields
from service.release.programme.process_configuration import Attributes, ProcessConfiguration
from service.release.programme.vocabulary import PURPOSE, STATION, Vocabulary
from service.release.recently_used import RecentlyUsed
from service.release.release_configuration import (
    read_release_configuration,
    read_release_vocabulary,
    read_tables,
)
from service.release.retention_checks import retention_findings
from service.release.translations import SIGNED, WORDS, TranslatedPart, read_parts

ReadFiles: TypeAlias = tuple[Files, dict[str, Form], list[Finding]]
_READ: Final = RecentlyUsed[tuple[Mapping[str, Declaration], ReadFiles]](4)
"""Digest of a bundle to the handlers with which it was read, and what that gave."""
MOST = 32
"""Releases that are cached at once."""
_UNREADABLE = frozenset({"X120", "X122", "F101", "F102", "F103"})
"""Findings of tables and forms that cannot be read at all."""


@dataclass(frozen=True)
class PreparedRelease:
    """One release, or a draft prepared like one: definitions, forms and roles, ready to run."""

    id: str
    number: int
    process: str
    bundle: Bundle
    definitions: Mapping[str, Definition]
    forms: Mapping[str, Form]
    roles: Mapping[str, RoleFacts]

    @cached_property
    def fields(self) -> Mapping[str, tuple[str, str]]:
        """Every field of every form: key to (class, group).

        One key has one meaning in a release.
        """
        return {
            f.key: (f.data_class, f.group) for form in self.forms.values() for _, f in form.walk()
        }

    @cached_property
    def routing_names(self) -> Mapping[str, Mapping[str, object]]:
        """The release's table of routing names: `type`, `class` and, where there are some,
        `values`.
        """
        return tomllib.loads(self.bundle.text(TYPES))

    @cached_property
    def asked_in(self) -> Mapping[str, frozenset[str]]:
        """Key of every field to the forms that ask for it on the outside; parts of others are asked
        by none.
        """
        asked: dict[str, set[str]] = {key: set() for key in self.fields}
        for id_, form in self.forms.items():
            for outer in form.fields:
                asked.setdefault(outer.key, set()).add(id_)
        return {key: frozenset(ids) for key, ids in asked.items()}

    @cached_property
    def classes(self) -> Mapping[str, str]:
        """Every routing name and field to its class; what the release does not class counts as the
        narrowest.
        """
        return {
            **{name: str(row.get("class", "C3")) for name, row in self.routing_names.items()},
            **{key: klass for key, (klass, _) in self.fields.items()},
        }

    @cached_property
    def outer_fields(self) -> Mapping[str, tuple[str, str]]:
        """Every field that is no part of another: key to (class, group)."""
        return top_fields(self.forms)

    @cached_property
    def headlines(self) -> frozenset[str]:
        """Fields that stand on top of a case's page."""
        every = (field for form in self.forms.values() for field in form.fields)
        return frozenset(field.key for field in every if field.headline)

    @cached_property
    def papers(self) -> Mapping[str, PaperTemplate]:
        """The templates of papers, by id; none in a release from before there were any."""
        return read_papers(self.bundle)

    @cached_property
    def consent_texts(self) -> ConsentTexts:
        """The texts of consents; none in a release from before there were any."""
        return read_consent_texts(self.bundle)

    @cached_property
    def information_texts(self) -> ConsentTexts:
        """The texts of information, by name; none in a release from before there were any."""
        return read_consent_texts(self.bundle, INFORMATION)

    @cached_property
    def languages(self) -> ReleaseLanguages:
        """The words of papers, by language; none in a release from before there were any."""
        return read_languages(self.bundle)

    def parts(self, lang: str) -> tuple[TranslatedPart, ...]:
        """What the person reads or hears in a language, and whether each part counts."""
        if lang not in self._parts:
            self._parts[lang] = read_parts(self.bundle, self.forms, lang)
        return self._parts[lang]

    @cached_property
    def _parts(self) -> dict[str, tuple[TranslatedPart, ...]]:
        """Cache of `parts`, by language."""
        return {}

    def text_counts(self, name: str, lang: str) -> bool:
        """Whether a named person has signed a part such as `information.RETURN` in a language; all
        do in a release from before there were signatures.
        """
        found = (part for part in self.parts(lang) if part.name == name)
        return not self.languages.files or any(part.state == SIGNED for part in found)

    def counts(self, template: PaperTemplate, text: str, lang: str) -> bool:
        """Whether the words of a paper count in a language: a named person has signed them.

        A paper that stays with offices needs none, and neither does one of a release from before
        there were signatures. One that prints a text and no answers rests on that text alone.

        Args:
            text: name of the consent or information that it prints; empty for none.
        """
        if not template.is_hers:
            return True
        kind = "consents" if template.each else "information"
        needed = {f"{kind}.{text}"} if text else set[str]()
        if template.fields or not text:
            needed.add(WORDS)
        return all(self.text_counts(name, lang) for name in needed)

    def texts_for(self, template: PaperTemplate) -> ConsentTexts:
        """The texts of which a paper prints one: of consents, or of information."""
        return self.consent_texts if template.each else self.information_texts

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the release; none in one from before there were any."""
        return read_release_vocabulary(self.bundle, []) or Vocabulary()

    @cached_property
    def own_configuration(self) -> Attributes:
        """Configuration that the release's own files give: attributes of `ProcessConfiguration`,
        only those whose file it has.
        """
        return read_release_configuration(self.bundle)

    def configuration_over(self, installation: ProcessConfiguration) -> ProcessConfiguration:
        """The installation's configuration with the release's own files over it.

        A completion asks seven times, always for the same two, so the last answer is kept.
        """
        known = self._last_configuration.get("")
        if known is None or known[0] is not installation:
            known = installation, replace(installation, **self.own_configuration)
            self._last_configuration[""] = known
        return known[1]

    @cached_property
    def _last_configuration(self) -> dict[str, tuple[ProcessConfiguration, ProcessConfiguration]]:
        """Cache of `configuration_over`: the installation's configuration, and the result."""
        return {}

    @cached_property
    def drawn_in(self) -> Mapping[str, str]:
        """Process to the file that draws it."""
        return drawn_in(self.bundle.under("workflows", ".bpmn"))

    def role_name(self, role: str, lang: str) -> str:
        """A lane role's name in a language."""
        names = self.roles[role].names if role in self.roles else {}
        return names.get(lang) or names.get("sv") or role


def files_of(bundle: Bundle, topics: Mapping[str, Declaration]) -> ReadFiles:
    """Read a bundle: the files of the engine, its forms, and the findings about forms and tables.

    The engine gets its own files, and the facts of forms, handlers and roles. What the last few
    bundles gave is kept: one page of a draft asks several times, for it and for the release.
    """
    known = _READ.get(bundle.digest)
    if known is None or known[0] is not topics:
        known = _READ.put(bundle.digest, (topics, _read_files(bundle, topics)))
    files, forms, findings = known[1]
    return files, dict(forms), [*findings]


def _read_files(bundle: Bundle, topics: Mapping[str, Declaration]) -> ReadFiles:
    forms: dict[str, Form] = {}
    findings: list[Finding] = []
    words = read_release_vocabulary(bundle, findings)
    purposes = words.ids(PURPOSE) if words is not None else None
    for name, content in bundle.under("forms", ".form").items():
        form, found = inspect_form(
            content, name=f"forms/{name}", feel=Expression, purposes=purposes
        )
        findings += found
        if form is not None:
            forms[form.id] = form
    forms = read_languages(bundle).on(forms)
    findings += check_papers(bundle, forms)
    findings += check_contracts(bundle, forms, topics)
    findings += check_names_read(bundle, forms, topics)
    roles, types = read_tables(bundle, findings)
    findings += check_configuration(bundle, forms)
    files = Files(
        diagrams=bundle.under("workflows", ".bpmn"),
        rules=bundle.under("workflows", ".dmn"),
        calendars=bundle.under("workflows/calendars", ".json"),
        forms={id_: form_facts(form) for id_, form in forms.items()},
        topics={
            t.topic: TopicFacts(t.topic, t.reads, t.answers, t.errors, t.summary)
            for t in topics.values()
        },
        roles=roles,
        types=types,
        stages=words.stages if words is not None else None,
        stations=words.ids(STATION) if words is not None else None,
    )
    findings += retention_findings(bundle, forms, files)
    findings += ground_findings(bundle, forms, files)
    findings += appeal_findings(bundle, forms, files)
    return files, forms, findings


def form_facts(form: Form) -> FormFacts:
    """A form as the engine knows it."""
    return FormFacts(
        id=form.id,
        routing={key: Type(kind, values) for key, (kind, values) in form.routing().items()},
        always=form.always,
        reads=frozenset(form.uses),
        fields=tuple((f.key, f.data_class, f.group) for _, f in form.walk()),
    )


def findings_of(
    bundle: Bundle, topics: Mapping[str, Declaration], read: ReadFiles | None = None
) -> list[Finding]:
    """All findings of linter and form reader; `read` is what `files_of` gave, if it was asked."""
    files, _, findings = read or files_of(bundle, topics)
    return [*findings, *lint(files)]


def prepare(
    bundle: Bundle, topics: Mapping[str, Declaration], *, number: int = 0, process: str = ""
) -> PreparedRelease:
    """Read, lint and build a bundle.

    Raises:
        BadDiagram: with all findings, when one of them is an error.
    """
    files, forms, findings = read_now = files_of(bundle, topics)
    if any(f.severity == "E" for f in findings):
        raise BadDiagram(tuple(findings_of(bundle, topics, read_now)))
    return PreparedRelease(bundle.digest, number, process, bundle, read(files), forms, files.roles)


def build(
    bundle: Bundle, topics: Mapping[str, Declaration], *, number: int = 0, process: str = ""
) -> PreparedRelease:
    """Build a bundle that was linted, when it was published at the latest.

    Raises:
        BadDiagram: a file can no longer be read or built.
    """
    files, forms, findings = files_of(bundle, topics)
    if broken := tuple(found for found in findings if found.code in _UNREADABLE):
        raise BadDiagram(broken)
    definitions = build_published(files)
    return PreparedRelease(bundle.digest, number, process, bundle, definitions, forms, files.roles)


Preparer: TypeAlias = Callable[..., PreparedRelease]
"""Makes a bundle ready to run: `prepare` or `build`, or what has their arguments and remembers."""


class PreparedReleases:
    """Cache of prepared releases; the one that was used longest ago leaves it first."""

    def __init__(
        self,
        topics: Mapping[str, Declaration],
        preparer: Preparer = prepare,
        builder: Preparer = build,
    ) -> None:
        self.topics = topics
        self._preparer = preparer
        self._builder = builder
        self._ready = RecentlyUsed[PreparedRelease](MOST)

    def ready(self, id_: str) -> PreparedRelease | None:
        """The release, if it is cached."""
        return self._ready.get(id_)

    def prepare(self, bundle: Bundle, *, number: int = 0, process: str = "") -> PreparedRelease:
        """Lint a bundle and make it ready to run, without keeping it.

        Raises:
            BadDiagram: with all findings, when one of them is an error.
        """
        return self._preparer(bundle, self.topics, number=number, process=process)

    def build(self, bundle: Bundle, *, number: int = 0, process: str = "") -> PreparedRelease:
        """Make a bundle ready to run that was linted before, without keeping it.

        Raises:
            BadDiagram: a file can no longer be read or built.
        """
        return self._builder(bundle, self.topics, number=number, process=process)

    def put(self, id_: str, packed: bytes, *, number: int, process: str) -> PreparedRelease:
        """Build a stored release and cache it; it was linted when it was published.

        Raises:
            BadDiagram: its files do not fit its id, or can no longer be built.
        """
        bundle = unpack_release(id_, packed)
        return self.keep(self.build(bundle, number=number, process=process))

    def keep(self, release: PreparedRelease) -> PreparedRelease:
        """Cache a prepared release."""
        return self._ready.put(release.id, release)

    def names(self) -> Collection[str]:
        """Ids of the cached releases."""
        return self._ready.keys()
