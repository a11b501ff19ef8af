"""Read a form file into a `Form`.

Nothing in a file runs: JSON is read strictly, conditions are FEEL, everything else is refused.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from service.errors import BadDiagram, Finding
from service.forms.components import (
    Component,
    ComponentReader,
    is_section,
    key_of,
    key_set,
    mapping,
)
from service.forms.conditions import Names, condition_circles
from service.forms.field_rules import BUILT_IN
from service.forms.fields import LANGUAGES, SOURCE, Feel, Field, Form, Section
from service.forms.form_findings import finding

TRANSLATIONS = tuple(lang for lang in LANGUAGES if lang != SOURCE)
"""Languages that a form file translates its texts into."""

LARGEST = 1024 * 1024
DEEPEST = 20
NEWEST_SCHEMA = 19
KEPT = 512
"""Forms that are kept as read; a release has some seventy."""
USABLE = frozenset(
    {
        "text",
        "longtext",
        "number",
        "money",
        "date",
        "datetime",
        "yesno",
        "choice",
        "choices",
        "country",
        "language",
        "office",
        "municipality",
        "list",
        "group",
        "file",
    }
)


def read_form(
    data: bytes, *, name: str, feel: Feel, purposes: Collection[str] | None = None
) -> Form:
    """Read one form file.

    Args:
        name: file name, for the findings.
        feel: compiles a condition; the engine's `Expression`.
        purposes: of which a consent may name one; None for a release that does not list them.
    Raises:
        BadDiagram: with every finding, when at least one is an error.
    """
    form, findings = inspect_form(data, name=name, feel=feel, purposes=purposes)
    if form is None or any(f.severity == "E" for f in findings):
        raise BadDiagram(tuple(findings))
    return form


def inspect_form(
    data: bytes, *, name: str, feel: Feel, purposes: Collection[str] | None = None
) -> tuple[Form | None, list[Finding]]:
    """Read one form file as far as it can be read, with all findings, warnings too.

    Never raises. Arguments as of `read_form`. A form never changes, so what was read is kept.
    """
    known = None if purposes is None else frozenset(purposes)
    form, findings = _inspected(data, name, feel, known)
    return form, list(findings)


@lru_cache(maxsize=KEPT)
def _inspected(
    data: bytes, name: str, feel: Feel, purposes: frozenset[str] | None
) -> tuple[Form | None, tuple[Finding, ...]]:
    content, findings = load_form(data, name)
    if content is None:
        return None, tuple(findings)
    reader = ComponentReader(
        name,
        feel,
        str(content.get("x-purpose", "")),
        fresh=content.get("x-fresh") is True,
        purposes=purposes,
    )
    reader.findings.extend(findings)
    for problem in _heading_problems(content):
        reader.find(f"F105.{problem}", "", newest=NEWEST_SCHEMA)
    uses = _uses(content, reader)
    translations = mapping(content.get("x-i18n"))
    sections = _with_shared_questions(_sections(content, reader, uses), reader)
    form = Form(
        id=str(content.get("id", "")),
        title=str(content.get("x-title", content.get("id", ""))),
        purpose=reader.purpose,
        sections=sections,
        uses=uses,
        words={
            lang: {str(text): str(words) for text, words in mapping(texts).items()}
            for lang, texts in translations.items()
        },
    )
    _language_gaps(form, reader)
    for circle in condition_circles(form):
        reader.find("F125", circle[0], keys=", ".join(circle))
    if sum(f.buttons for f in form.fields) > 1:
        reader.find("F118.one", "", prop="buttons")
    return form, tuple(reader.findings)


def load_form(data: bytes, name: str) -> tuple[Component | None, list[Finding]]:
    """Read strict JSON: one object, no key twice, no NaN, not too large, not too deep.

    None when it cannot be read at all.
    """
    repeated: list[str] = []

    def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        repeated.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(pairs)

    if len(data) > LARGEST:
        return None, [finding("F102", name, "", {"bytes": len(data)})]
    try:
        content = json.loads(
            data.decode(), object_pairs_hook=object_of, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        return None, [finding("F101", name, "", {"reason": type(error).__name__}, line=line)]
    if not isinstance(content, dict):
        return None, [finding("F101.object", name, "")]
    if _is_deeper(content, DEEPEST):
        return None, [finding("F103", name, "", {"most": DEEPEST})]
    return content, [finding("F104", name, key, {"key": key}) for key in repeated]


def _no_constant(text: str) -> object:
    raise ValueError(text)


def _is_deeper(value: object, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return left == 0 or any(_is_deeper(inner, left - 1) for inner in inside)


def _heading_problems(content: Component) -> Iterator[str]:
    """What is wrong with the head of the file: the words behind F105 in `SENTENCES`."""
    version = content.get("schemaVersion")
    if content.get("type") != "default":
        yield "type"
    if not isinstance(content.get("id"), str) or not content["id"]:
        yield "id"
    numbered = isinstance(version, int) and not isinstance(version, bool)
    if not (numbered and isinstance(version, int) and 1 <= version <= NEWEST_SCHEMA):
        yield "version"
    if not isinstance(content.get("components"), list):
        yield "components"


def _uses(content: Component, reader: ComponentReader) -> dict[str, str]:
    """Earlier answers and routing values that conditions may read (`x-uses`): name to kind."""
    uses = {str(k): str(v) for k, v in mapping(content.get("x-uses")).items()}
    for key, kind in uses.items():
        if kind not in USABLE:
            reader.find("F115.uses", key, prop="x-uses", value=kind)
    return uses


def _sections(
    content: Component, reader: ComponentReader, uses: Mapping[str, str]
) -> tuple[Section, ...]:
    """The sections of a form: its groups without a path, and what stands before or between them."""
    blocks = _blocks(content)
    keys = [key_of(component) for _, part in blocks for component in part if key_of(component)]
    reader.once(keys)
    for heading, _ in blocks:
        if heading.get("conditional"):
            reader.find("F115.heading", str(heading.get("id", "")), prop="conditional")
    inner = {key_of(c): key_set(_components(c)) for _, part in blocks for c in part}
    parts = {key: keys for key, keys in inner.items() if key and keys}
    names = Names.of_form({*keys, *uses, *BUILT_IN}, parts)
    return tuple(
        Section(
            str(heading.get("id", f"section{number}")),
            str(heading.get("label", "")),
            str(heading.get("description", "")),
            reader.fields(part, names),
        )
        for number, (heading, part) in enumerate(blocks, 1)
    )


def _with_shared_questions(
    sections: tuple[Section, ...], reader: ComponentReader
) -> tuple[Section, ...]:
    """The sections, in which every consent holds what a group `consents` asks once for it."""
    every = [field for section in sections for field in section.fields]
    asked = {field.key: field for field in every if field.kind == "consents"}
    used = {field.properties.get("consent.asked_in", "") for field in every}
    for key in sorted({*asked, *used} - {""} - (asked.keys() & used)):
        reader.find("F122", key, prop="consent.asked_in", value=key)
    return tuple(
        replace(section, fields=tuple(_with_shared(field, asked) for field in section.fields))
        for section in sections
    )


def _with_shared(field: Field, asked: Mapping[str, Field]) -> Field:
    holder = asked.get(field.properties.get("consent.asked_in", ""))
    if field.kind != "consent" or holder is None:
        return field
    own = {inner.key for inner in field.fields}
    shared = (replace(f, asked_in=holder.key) for f in holder.fields if f.key not in own)
    return replace(field, fields=(*field.fields, *shared))


def _blocks(content: Component) -> list[tuple[Component, list[Component]]]:
    """Headings with the components under them; an empty heading where there is none."""
    blocks: list[tuple[Component, list[Component]]] = []
    for component in _components(content):
        if is_section(component):
            blocks.append((component, _components(component)))
        elif blocks and not blocks[-1][0]:
            blocks[-1][1].append(component)
        else:
            blocks.append(({}, [component]))
    return blocks


def _components(holder: Component) -> list[Component]:
    listed = holder.get("components")
    return [mapping(component) for component in listed] if isinstance(listed, list) else []


def texts_of(field: Field) -> Iterator[str]:
    """Every text of a field that people read, without the fields inside it."""
    yield from (text for text in (field.label, field.help) if text)
    if field.kind != "money":
        yield from (option.label for option in field.options)


def _language_gaps(form: Form, reader: ComponentReader) -> None:
    """Warn of texts that are missing in a language; the page then shows the Swedish one."""
    for path, field in form.walk():
        if not field.label and not field.asked_in:
            reader.find("F111.label", path, lang=SOURCE)
        for check in () if field.asked_in else field.checks:
            for lang in (lang for lang in TRANSLATIONS if not check.words.get(lang)):
                reader.find("F111.check", path, lang=lang)
    for lang in TRANSLATIONS:
        for path, text in dict.fromkeys(_texts(form)):
            if not form.words.get(lang, {}).get(text):
                reader.find("F111", path, lang=lang, text=text)


def _texts(form: Form) -> Iterator[tuple[str, str]]:
    """Every text of a form that people read, with the path of its field; empty for headings."""
    headings = (text for section in form.sections for text in (section.label, section.help))
    title = form.title if form.title != form.id else ""
    yield from (("", text) for text in (title, *headings) if text)
    for path, field in form.walk():
        yield from ((path, text) for text in texts_of(field) if not field.asked_in)


__all__ = [
    "DEEPEST",
    "LARGEST",
    "TRANSLATIONS",
    "inspect_form",
    "load_form",
    "read_form",
    "texts_of",
]
