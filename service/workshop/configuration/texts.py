"""The texts of consents and of information of a draft, languages side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import tomlkit

from service.release.bundle import CONFIG, Bundle
from service.release.consent_texts import ENDING, FIRST, FOLDER, INFORMATION, file_of
from service.release.programme.named_fields import FILE as PROCESS
from service.workshop.configuration.typed import (
    Edit,
    Faults,
    Sent,
    Value,
    Values,
    changes,
    edited,
    read_table,
    text_of,
)

FOLDERS: Final = {"consents": FOLDER, "information": INFORMATION}
"""Kind of a text to its folder."""
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
PARTS: Final = ("title", "version", "body")
MONTHS: Final = "months"
MOST_MONTHS: Final = 120
_MONTHS_KEY: Final = "consent_months"


@dataclass(frozen=True, slots=True)
class DraftText:
    """A text in one language."""

    lang: str
    title: str
    version: str
    body: str


def read_names(bundle: Bundle, kind: str) -> dict[str, tuple[str, ...]]:
    """Name of each text to its languages, Swedish first."""
    found: dict[str, list[str]] = {}
    for file in bundle.under(FOLDERS[kind], ENDING):
        name, _, lang = file.removesuffix(ENDING).rpartition(".")
        if name:
            found.setdefault(name, []).append(lang)
    return {
        name: tuple(sorted(langs, key=lambda lang: (lang != FIRST, lang)))
        for name, langs in sorted(found.items())
    }


def read_text(bundle: Bundle, kind: str, name: str, lang: str) -> DraftText:
    """A text as its page shows it."""
    lines = text_of(bundle, file_of(name, lang, FOLDERS[kind])).splitlines()
    title = lines[0].removeprefix("# ").strip() if lines else ""
    version = lines[1].partition(":")[2].strip() if len(lines) > 1 else ""
    return DraftText(lang, title, version, "\n".join(lines[2:]).strip())


def text_values(bundle: Bundle, kind: str, name: str, process: str) -> Values:
    """Every value that the page of a text can change.

    Args:
        process: the text of `process.toml`, which says how long a consent lasts.
    """
    found: dict[str, Value] = {}
    for lang in read_names(bundle, kind).get(name, ()):
        text = read_text(bundle, kind, name, lang)
        found |= {f"{lang}.{part}": getattr(text, part) for part in PARTS}
    if kind == "consents":
        months = read_table(process).get(_MONTHS_KEY, {})
        found[MONTHS] = str(months.get(name, 0)) if isinstance(months, dict) else "0"
    return found


def save_text(bundle: Bundle, kind: str, name: str, process: str, sent: Sent) -> Edit:
    """Change a text. Other words need another version: people have said yes to the old ones."""
    now = text_values(bundle, kind, name, process)
    typed, faults = changes(sent, now)
    faults |= {key: "fault_word" for key, value in typed.items() if not value}
    changed: dict[str, bytes | None] = {}
    for lang in read_names(bundle, kind).get(name, ()):
        parts = {part: typed.get(f"{lang}.{part}", now[f"{lang}.{part}"]) for part in PARTS}
        words = {f"{lang}.title", f"{lang}.body"} & typed.keys()
        if words and f"{lang}.version" not in typed:
            faults[f"{lang}.version"] = "fault_version"
        if any(f"{lang}.{part}" in typed for part in PARTS):
            changed[file_of(name, lang, FOLDERS[kind])] = _written(parts)
    months = typed.get(MONTHS)
    if months is not None and not (str(months).isdecimal() and int(str(months)) <= MOST_MONTHS):
        faults[MONTHS] = "fault_months"
    if faults:
        return Edit({}, faults)
    if months is not None:
        made = _with_months(process, name, int(str(months)))
        return Edit({**changed, **made.changed}, made.faults)
    return Edit(changed, {})


def add_language(bundle: Bundle, kind: str, name: str, sent: Sent) -> Edit:
    """Add a text in another language, with the words of the Swedish one to be translated."""
    lang = next(iter(sent.get("new.lang", ())), "").strip().lower()
    if not LANGUAGE.fullmatch(lang):
        return Edit({}, {"new.lang": "fault_language"})
    if lang in read_names(bundle, kind).get(name, ()):
        return Edit({}, {"new.lang": "fault_taken"})
    swedish = text_of(bundle, file_of(name, FIRST, FOLDERS[kind]))
    return Edit({file_of(name, lang, FOLDERS[kind]): swedish.encode()}, {})


def missing_texts(bundle: Bundle, purposes: tuple[str, ...]) -> tuple[str, ...]:
    """The purposes of the vocabulary that have no text."""
    return tuple(one for one in purposes if one not in read_names(bundle, "consents"))


def add_text(bundle: Bundle, kind: str, name: str, sent: Sent) -> Edit:
    """Add the Swedish text of a purpose that has none."""
    parts = {part: next(iter(sent.get(f"new.{part}", ())), "").strip() for part in PARTS}
    faults: Faults = {f"new.{part}": "fault_word" for part, text in parts.items() if not text}
    if name in read_names(bundle, kind):
        faults["new.title"] = "fault_taken"
    return Edit({} if faults else {file_of(name, FIRST, FOLDERS[kind]): _written(parts)}, faults)


def _written(parts: Any) -> bytes:  # noqa: ANN401 - texts by part
    return f"# {parts['title']}\nversion: {parts['version']}\n\n{parts['body']}\n".encode()


def _with_months(process: str, name: str, months: int) -> Edit:
    def change(document: tomlkit.TOMLDocument) -> None:
        rows: Any = document.setdefault(_MONTHS_KEY, tomlkit.inline_table())
        if months:
            rows[name] = months
        else:
            rows.pop(name, None)

    return edited(process, CONFIG + PROCESS, change)
