"""The options of a choice, and the checks of a question: both are rows, written in their order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from service.forms import LANGUAGES, SOURCE, TRANSLATIONS
from service.workshop.forms.form_file import FormFile, Json, drop_words, properties_of, translate

MOST_CHECKS: Final = 9
"""Most checks of one question: the file numbers them with one digit."""
_CODE: Final = re.compile(r"[^A-Z0-9]+")


def code_from(text: str, taken: Collection[str]) -> str:
    """The code of an option, made of its text: `NOT_NOW`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    start = made = _CODE.sub("_", plain).strip("_")[:40] or "OPTION"
    number = 2
    while made in taken:
        made, number = f"{start}_{number}", number + 1
    return made


def write_options(form: FormFile, component: Json, typed: Sequence[Mapping[str, str]]) -> None:
    """Write the options of a choice in this order; a row without words and code goes.

    Args:
        typed: of each row the code that it had (`was`), `value`, and its words by language.
    """
    given = component.get("values")
    before = [v for v in given if isinstance(v, dict)] if isinstance(given, list) else []
    made = _options(before, typed)
    if made != before:
        component["values"] = made
        kept = {value.get("label") for value in made}
        gone = [str(old.get("label", "")) for old in before if old.get("label") not in kept]
        for text in gone:
            drop_words(form, text)
    for row in typed:
        for lang in (lang for lang in TRANSLATIONS if lang in row):
            translate(form, row.get(SOURCE, "").strip(), lang, row[lang].strip())


def _options(before: Sequence[Json], typed: Sequence[Mapping[str, str]]) -> list[Json]:
    by_code = {_code(value.get("value")): value for value in before}
    made: list[Json] = []
    for row in typed:
        label = row.get(SOURCE, "").strip()
        code = row.get("value", "").strip()
        if not label and not code:
            continue
        option = by_code.get(row.get("was", "")) or {"label": "", "value": None}
        taken = {_code(value.get("value")) for value in made}
        code = code or code_from(row.get(TRANSLATIONS[0], "").strip() or label, taken)
        value = option.get("value") if _code(option.get("value")) == code else code
        made.append({**option, "label": label, "value": value})
    return made


def _code(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def checks_of(component: Json) -> list[dict[str, str]]:
    """The checks of a question: condition (`when`), and its sentence by language."""
    properties = properties_of(component)
    names = sorted(name for name in properties if re.fullmatch(r"check(?:_\d)?", name))
    return [
        {
            "when": str(properties[name]),
            **{lang: str(properties.get(_sentence(name, lang), "")) for lang in LANGUAGES},
        }
        for name in names
    ]


def write_checks(component: Json, typed: Sequence[Mapping[str, str]]) -> None:
    """Write the checks of a question, unless they stand there already; an empty row goes."""
    wanted = [
        {name: row.get(name, "").strip() for name in ("when", *LANGUAGES)}
        for row in typed
        if any(row.get(name, "").strip() for name in ("when", *LANGUAGES))
    ][:MOST_CHECKS]
    if wanted == checks_of(component):
        return
    kept = {
        name: value
        for name, value in properties_of(component).items()
        if not re.fullmatch(r"check(?:_text)?(?:_\d)?(?:\.[a-z]{2})?", name)
    }
    for number, row in enumerate(wanted, 1):
        name = "check" if number == 1 else f"check_{number}"
        kept[name] = row["when"]
        kept |= {_sentence(name, lang): row[lang] for lang in LANGUAGES if row[lang]}
    if kept:
        component["properties"] = kept
    else:
        component.pop("properties", None)


def _sentence(check: str, lang: str) -> str:
    return f"{check.replace('check', 'check_text')}.{lang}"
