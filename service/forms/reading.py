"""Bytes of a form file to a `Form`.

Nothing in a file runs: JSON is read strictly, conditions are FEEL, everything else is refused by
name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from service.errors import BadDiagram, Finding
from service.forms.components import (
    BUILT_IN,
    Component,
    ComponentReader,
    is_section,
    key_of,
    mapping,
)
from service.forms.fields import LANGUAGES, SOURCE, Feel, Field, Form, Section

LARGEST = 1024 * 1024
DEEPEST = 20
NEWEST_SCHEMA = 19
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


def read_form(data: bytes, *, name: str, feel: Feel) -> Form:
    """Read one form file.

    Args:
        name: file name, for the findings.
        feel: compiles a condition; the engine's `Expression`.
    Raises:
        BadDiagram: with every finding, when at least one is an error.
    """
    form, findings = inspect_form(data, name=name, feel=feel)
    if form is None or any(f.severity == "E" for f in findings):
        raise BadDiagram(tuple(findings))
    return form


def inspect_form(data: bytes, *, name: str, feel: Feel) -> tuple[Form | None, list[Finding]]:
    """As `read_form`, for those who want warnings too: the form as far as it can be read, and all
    findings.

    Never raises.
    """
    content, findings = _load(data, name)
    if content is None:
        return None, findings
    reader = ComponentReader(
        name, feel, str(content.get("x-purpose", "")), fresh=content.get("x-fresh") is True
    )
    reader.findings.extend(findings)
    for problem in _heading_problems(content):
        reader.find("F105", "", problem)
    uses = _uses(content, reader)
    form = Form(
        id=str(content.get("id", "")),
        title=str(content.get("x-title", content.get("id", ""))),
        purpose=reader.purpose,
        sections=_sections(content, reader, uses),
        uses=uses,
        words={
            lang: {str(k): str(v) for k, v in mapping(words).items()}
            for lang, words in mapping(content.get("x-i18n")).items()
        },
    )
    _language_gaps(form, reader)
    if sum(f.buttons for f in form.fields) > 1:
        reader.find(
            "F118", "", "Only one field of a form can become submit buttons.", prop="buttons"
        )
    return form, reader.findings


def _load(data: bytes, name: str) -> tuple[Component | None, list[Finding]]:
    """Strict JSON: one object, no key twice, no NaN, not too large, not too deep."""
    twice: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [k for k, _ in pairs]
        twice.extend(k for k in dict.fromkeys(keys) if keys.count(k) > 1)
        return dict(pairs)

    if len(data) > LARGEST:
        return None, [
            Finding(
                "F102", "E", name, "", "The file is larger than 1 MiB.", facts={"bytes": len(data)}
            )
        ]
    try:
        content = json.loads(data.decode(), object_pairs_hook=once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return None, [
            Finding(
                "F101",
                "E",
                name,
                "",
                f"This is not JSON: {type(error).__name__}.",
                line=getattr(error, "lineno", 0),
            )
        ]
    if not isinstance(content, dict):
        return None, [Finding("F101", "E", name, "", "A form is one JSON object.")]
    if _is_deeper(content, DEEPEST):
        return None, [
            Finding(
                "F103",
                "E",
                name,
                "",
                f"The file is nested deeper than {DEEPEST} levels.",
                facts={"most": DEEPEST},
            )
        ]
    return content, [
        Finding(
            "F104",
            "E",
            name,
            key,
            f"The name {key!r} stands twice in one object.",
            facts={"key": key},
        )
        for key in twice
    ]


def _no_constant(text: str) -> object:
    raise ValueError(text)


def _is_deeper(value: object, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return left == 0 or any(
        _is_deeper(inner, left - 1)
        for inner in (value.values() if isinstance(value, dict) else value)
    )


def _heading_problems(content: Component) -> Iterator[str]:
    version = content.get("schemaVersion")
    if content.get("type") != "default":
        yield 'A form-js form has the type "default".'
    if not isinstance(content.get("id"), str) or not content["id"]:
        yield "A form has an id."
    if (
        not isinstance(version, int)
        or isinstance(version, bool)
        or not 1 <= version <= NEWEST_SCHEMA
    ):
        yield f"The schemaVersion is a number up to {NEWEST_SCHEMA}."
    if not isinstance(content.get("components"), list):
        yield "A form has a list of components."


def _uses(content: Component, reader: ComponentReader) -> dict[str, str]:
    """`x-uses`: which earlier answers and routing values the conditions may read, and of what kind
    they are.
    """
    uses = {str(k): str(v) for k, v in mapping(content.get("x-uses")).items()}
    for key, kind in uses.items():
        if kind not in USABLE:
            reader.find(
                "F115", key, f"x-uses: there is no kind {kind!r}.", prop="x-uses", value=kind
            )
    return uses


def _sections(
    content: Component, reader: ComponentReader, uses: Mapping[str, str]
) -> tuple[Section, ...]:
    """Groups without a path are sections; fields before or between them stand in sections without a
    heading.
    """
    given = content.get("components")
    components = [mapping(c) for c in given] if isinstance(given, list) else []
    blocks: list[tuple[Component, list[Component]]] = []
    for component in components:
        if is_section(component):
            inner = component.get("components")
            blocks.append(
                (component, [mapping(c) for c in inner] if isinstance(inner, list) else [])
            )
        elif blocks and not blocks[-1][0]:
            blocks[-1][1].append(component)
        else:
            blocks.append(({}, [component]))
    keys = [key_of(c) for _, part in blocks for c in part if key_of(c)]
    reader.once(keys)
    for heading, _ in blocks:
        if heading.get("conditional"):
            reader.find(
                "F115",
                str(heading.get("id", "")),
                "A heading has no condition of its own: it goes when all its fields are hidden.",
                prop="conditional",
            )
    names = {*keys, *uses, *BUILT_IN}
    made = []
    for number, (heading, part) in enumerate(blocks, 1):
        fields = reader.fields(part, names)
        made.append(
            Section(
                str(heading.get("id", f"section{number}")),
                str(heading.get("label", "")),
                str(heading.get("description", "")),
                fields,
            )
        )
    return tuple(made)


def texts_of(one: Field) -> Iterator[str]:
    """Every text of a field that people read, without the fields inside it."""
    yield from (text for text in (one.label, one.help) if text)
    if one.kind != "money":
        yield from (option.label for option in one.options)


def _language_gaps(form: Form, reader: ComponentReader) -> None:
    """A text that is missing in a language is a warning: the page falls back to Swedish and says
    so.
    """
    title = form.title if form.title != form.id else ""
    wanted = [
        ("", text)
        for text in (title, *(t for s in form.sections for t in (s.label, s.help)))
        if text
    ]
    for path, one in form.walk():
        if not one.label:
            reader.find("F111", path, "The field has no label.", severity="W", lang=SOURCE)
        wanted.extend((path, text) for text in texts_of(one))
        for check in one.checks:
            for lang in (
                lang for lang in LANGUAGES if lang != SOURCE and not check.words.get(lang)
            ):
                reader.find(
                    "F111",
                    path,
                    f"The sentence of a check is missing in {lang}.",
                    severity="W",
                    lang=lang,
                )
    for lang in (lang for lang in LANGUAGES if lang != SOURCE):
        for path, text in dict.fromkeys(wanted):
            if not form.words.get(lang, {}).get(text):
                reader.find(
                    "F111",
                    path,
                    f"{text!r} is missing in {lang}.",
                    severity="W",
                    lang=lang,
                    text=text,
                )


__all__ = ["DEEPEST", "LARGEST", "inspect_form", "read_form", "texts_of"]
