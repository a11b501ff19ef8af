"""Templates of papers: which fields each prints, of which classes, for which purpose.

A template is a file `workflows/papers/<id>.typ` of the release. Its header is TOML in the comments
at its top; it prints what the header declares and is handed nothing else. `common.typ` stands
before every template, and is none itself. A release without templates makes no papers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.access import CLASSES
from service.errors import Finding
from service.forms import Form
from service.release.bundle import Bundle
from service.release.consent_texts import INFORMATION, inspect_consent_texts
from service.release.language_words import inspect_languages, read_languages
from service.release.programme.appeal_roads import DECISIONS

FOLDER, ENDING, COMMON = "workflows/papers", ".typ", "common.typ"
EVERYTHING = "*"
"""As the one field: every answer that the maker may see, step by step."""
CONSENT = "consent"
"""As `each`: one paper for each purpose of consent."""
KINDS = frozenset(
    ["application", "consent", "plan", "decision", "card", "report", "case", "order", "information"]
)
HERS = frozenset(["application", "consent", "plan", "decision", "card", "information"])
"""Kinds of papers that the person herself gets."""
KEYS = frozenset(
    ["title", "kind", "purpose", "classes", "fields", "each", "text", "code", "typed", "appeal"]
)
OFFERS = frozenset({"post", "visit", "telephone", "hours", "mail"})
"""Contacts of the offices of the case that a line to type may offer."""
MOST_TYPED = 200
"""Characters that may be typed into one line of a paper."""


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line of a paper that its maker types."""

    key: str
    label: Mapping[str, str]
    most: int
    """Longest text, in characters."""
    offers: tuple[str, ...] = ()
    """Contacts of the offices of the case that may be taken over into the line, of `OFFERS`."""


@dataclass(frozen=True, slots=True)
class ToldDecision:
    """A decision that a paper tells, and so how it is appealed."""

    kind: str
    """One of `appeal_roads.DECISIONS`."""
    answer: str
    """Key of the answer that decides: whose office gives it has decided, on the day it did."""


@dataclass(frozen=True, slots=True)
class PaperTemplate:
    """One template, and what its header declares."""

    id: str
    title: Mapping[str, str]
    """Language to title: the languages in which the paper is made."""
    kind: str
    purpose: str
    """What the paper is for: the purpose of consent that it rests on; empty where it is asked for
    such a consent itself."""
    classes: frozenset[str]
    fields: tuple[str, ...]
    each: str
    text: str
    """Name of the information that it prints; empty for none."""
    code: bool
    """Whether it bears a code by which a signed copy is found."""
    typed: tuple[TypedLine, ...]
    appeal: ToldDecision | None
    """The decision that it says how to appeal; None for none."""
    source: str
    """The program: what stands before every template, and the template."""
    lines_before: int = 0
    """Lines of the program before the template's own."""

    @property
    def is_hers(self) -> bool:
        """Whether the person herself gets it: its words are in her language, and somebody has to
        have signed them.
        """
        return self.kind in HERS

    @property
    def everything(self) -> bool:
        """Whether it prints every answer that its maker may see."""
        return EVERYTHING in self.fields

    @property
    def own_source(self) -> str:
        """The template, without what stands before every template."""
        return "\n".join(self.source.split("\n")[self.lines_before :])

    def title_in(self, lang: str) -> str:
        """Its title in a language."""
        return self.title.get(lang) or self.title["sv"]


def read_papers(bundle: Bundle) -> dict[str, PaperTemplate]:
    """The templates of a release, by id; one that cannot be read is left out, and is a finding."""
    found = inspect_papers(bundle)[0]
    return {template.id: template for template in found}


def inspect_papers(bundle: Bundle) -> tuple[list[PaperTemplate], list[Finding]]:
    """The templates of a release, and what is wrong with those that cannot be read."""
    files = bundle.under(FOLDER, ENDING)
    common = files.pop(COMMON, b"")
    templates = list[PaperTemplate]()
    findings = list[Finding]()
    languages = read_languages(bundle)
    for name, content in files.items():
        try:
            texts = (common.decode(), content.decode())
            template = _template(name.removesuffix(ENDING), *texts)
            title = {**template.title, **languages.titles(template.id)}
            templates.append(replace(template, title=title))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, _Unusable) as e:
            findings.append(_finding("T101", name, f"The header of this paper is no use: {e}."))
    return templates, findings


def check_papers(bundle: Bundle, forms: Mapping[str, Form]) -> list[Finding]:
    """What is wrong with the templates of a release and with its texts, seen from its forms."""
    texts, findings = inspect_consent_texts(bundle)
    information, others = inspect_consent_texts(bundle, INFORMATION)
    templates, found = inspect_papers(bundle)
    findings += [*others, *inspect_languages(bundle)[1], *found]
    purposes, names = ({text.purpose for text in some} for some in (texts, information))
    fields = top_fields(forms)
    for template in templates:
        findings += _check(template, fields, purposes)
        if template.text and template.text not in names:
            sentence = f"The paper prints the information {template.text}, which has no text."
            findings.append(_finding("T105", template.id + ENDING, sentence))
    return [*findings, *_check_information(forms, names)]


def _check_information(forms: Mapping[str, Form], names: Collection[str]) -> Iterator[Finding]:
    """Fields that show an information which has no text."""
    for form in forms.values():
        for path, field in form.walk():
            named = field.properties.get("information", "")
            if named and named not in names:
                sentence = f"The field shows the information {named}, which has no text."
                yield Finding("T107", "E", f"forms/{form.id}.form", path, sentence)


def top_fields(forms: Mapping[str, Form]) -> dict[str, tuple[str, str]]:
    """Every field that is no part of another: key to (class, group)."""
    return {f.key: (f.data_class, f.group) for form in forms.values() for f in form.fields if f.key}


def _check(
    template: PaperTemplate, fields: Mapping[str, tuple[str, str]], purposes: Collection[str]
) -> Iterator[Finding]:
    name = template.id + ENDING
    for key in template.fields:
        if key == EVERYTHING:
            continue
        if key not in fields:
            yield _finding("T102", name, f"The paper prints {key}, which no form asks for.", key)
            continue
        klass, group = fields[key]
        if klass not in template.classes:
            declared = ", ".join(sorted(template.classes)) or "none"
            sentence = f"The paper prints {key} of class {klass}, and declares {declared}."
            yield _finding("T103", name, sentence, key)
        if group == "own-office":
            sentence = f"The paper prints {key}, a note that stays with the office that wrote it."
            yield _finding("T104", name, sentence, key)
    if template.purpose and template.purpose not in purposes:
        sentence = f"The paper is for {template.purpose}, of which there is no text of consent."
        yield _finding("T105", name, sentence)
    if template.each == CONSENT and not purposes:
        yield _finding("T105", name, "The paper is for each consent, and there is no text of any.")


class _Unusable(ValueError):
    """A header that lacks something; the message says what."""


def _template(id_: str, common: str, text: str) -> PaperTemplate:
    """Read one template.

    Raises:
        TOMLDecodeError, _Unusable: its header is no use.
    """
    header = tomllib.loads(_header(text))
    if unknown := sorted(header.keys() - KEYS):
        raise _Unusable(f"it names {', '.join(unknown)}")
    title = header.get("title")
    kind = header.get("kind")
    if not isinstance(title, dict) or not title.get("sv"):
        raise _Unusable("it has no title in Swedish")
    if kind not in KINDS:
        raise _Unusable(f"its kind is none of {', '.join(sorted(KINDS))}")
    classes = frozenset(_texts(header, "classes"))
    if classes - set(CLASSES):
        raise _Unusable("it names a class that does not exist")
    each = header.get("each", "")
    if each not in ("", CONSENT):
        raise _Unusable("each is consent, or nothing")
    return PaperTemplate(
        id=id_,
        title={lang: str(words) for lang, words in title.items()},
        kind=kind,
        purpose=str(header.get("purpose", "")),
        classes=classes,
        fields=_texts(header, "fields"),
        each=each,
        text=str(header.get("text", "")),
        code=bool(header.get("code", True)),
        typed=tuple(_typed(row) for row in header.get("typed", ())),
        appeal=_told(header),
        source=f"{common}\n{text}",
        lines_before=f"{common}\n".count("\n"),
    )


def _header(text: str) -> str:
    """The comments at the top of a template, without their slashes."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        lines.append(line.removeprefix("//"))
    return "\n".join(lines)


def _texts(header: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = header.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _Unusable(f"{key} is no list of names")
    return tuple(dict.fromkeys(values))


def _told(header: Mapping[str, Any]) -> ToldDecision | None:
    row = header.get("appeal")
    if row is None:
        return None
    if not isinstance(row, dict) or row.keys() != {"decision", "answer"}:
        raise _Unusable("appeal needs decision and answer, and nothing else")
    if row["decision"] not in DECISIONS:
        raise _Unusable(f"appeal is about a decision that is none of {', '.join(DECISIONS)}")
    if row["answer"] not in _texts(header, "fields"):
        raise _Unusable("appeal names an answer that the paper does not print")
    return ToldDecision(row["decision"], row["answer"])


def _typed(row: Any) -> TypedLine:  # noqa: ANN401 - TOML
    if not isinstance(row, dict) or not row.get("key") or not row.get("sv"):
        raise _Unusable("a line to type needs key and sv")
    label = {lang: str(row[lang]) for lang in ("sv", "en") if lang in row}
    most = min(int(row.get("most", MOST_TYPED)), MOST_TYPED)
    offers = _texts(row, "offers")
    if set(offers) - OFFERS:
        raise _Unusable(f"a line to type offers {', '.join(sorted(OFFERS))}, and nothing else")
    return TypedLine(str(row["key"]), label, most, offers)


def _finding(code: str, name: str, sentence: str, key: str = "") -> Finding:
    return Finding(code, "E", f"{FOLDER}/{name}", key, sentence)
