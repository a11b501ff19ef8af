"""The texts of consents and of information of a draft, languages side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import tomlkit

from service.release.bundle import CONFIG, Bundle
from service.release.consent_texts import (
    ENDING,
    FIRST,
    FOLDER,
    INFORMATION,
    file_of,
    resigned,
    signature_of,
    written,
)
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.signatures import is_signatory, signatory
from service.release.translations import read_text_parts
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
SIGNED: Final = "signed"
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
    signed: str = ""
    """Who signed it, as name, role and day; empty for nobody."""


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
    signature, rest = signature_of(lines)
    return DraftText(lang, title, version, "\n".join(rest).strip(), signatory(signature))


def text_values(bundle: Bundle, kind: str, name: str, process: str) -> Values:
    """Every value that the page of a text can change.

    Args:
        process: the text of `process.toml`, which says how long a consent lasts.
    """
    found: dict[str, Value] = {}
    for lang in read_names(bundle, kind).get(name, ()):
        text = read_text(bundle, kind, name, lang)
        found |= {f"{lang}.{part}": getattr(text, part) for part in (*PARTS, SIGNED)}
    if kind == "consents":
        months = read_table(process).get(_MONTHS_KEY, {})
        found[MONTHS] = str(months.get(name, 0)) if isinstance(months, dict) else "0"
    return found


def save_text(bundle: Bundle, kind: str, name: str, process: str, sent: Sent) -> Edit:
    """Change a text. Other words need another version: people have said yes to the old ones; and
    they take the signature away, unless somebody signs them too.
    """
    now = text_values(bundle, kind, name, process)
    typed, faults = changes(sent, now)
    faults |= dict(_wrong(typed))
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
    changed |= _signatures(bundle, changed, kind, name, typed)
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
    return Edit({file_of(name, lang, FOLDERS[kind]): resigned(swedish, "").encode()}, {})


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
    return written(parts["title"], parts["version"], parts["body"]).encode()


def _wrong(typed: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """What was typed and cannot be kept: an empty text, and a signature that lacks something."""
    for key, value in typed.items():
        if not _is_signed(key) and not value:
            yield key, "fault_word"
        elif _is_signed(key) and value and not is_signatory(str(value)):
            yield key, "fault_signed"


def _is_signed(key: str) -> bool:
    return key.endswith(f".{SIGNED}")


def _signatures(
    bundle: Bundle,
    changed: Mapping[str, bytes | None],
    kind: str,
    name: str,
    typed: Mapping[str, Value],
) -> dict[str, bytes]:
    """The files of a text that somebody signs, or no longer does, over all that changes."""
    new = {one: content for one, content in changed.items() if content is not None}
    after = Bundle({**bundle.files, **new})
    made = {}
    for key in filter(_is_signed, typed):
        lang, who = key.removesuffix(f".{SIGNED}"), str(typed[key])
        file = file_of(name, lang, FOLDERS[kind])
        (part,) = (one for one in read_text_parts(after, lang) if one.name == f"{kind}.{name}")
        made[file] = resigned(after.text(file), part.signed_by(who) if who else "").encode()
    return made


def _with_months(process: str, name: str, months: int) -> Edit:
    def change(document: tomlkit.TOMLDocument) -> None:
        rows: Any = document.setdefault(_MONTHS_KEY, tomlkit.inline_table())
        if months:
            rows[name] = months
        else:
            rows.pop(name, None)

    return edited(process, CONFIG + PROCESS, change)
