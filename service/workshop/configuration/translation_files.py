"""Files for translators: everything that the person reads or hears in one language as one `.po`,
out of a bundle and back into it.

`msgctxt` is the stable id of a text, `msgid` the Swedish one. A file that comes back is taken whole
or not at all.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import tomlkit
from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from service.forms import Form
from service.release.bundle import Bundle
from service.release.consent_texts import ITEM, blocks_of, resigned, written
from service.release.language_words import FIRST, PLACEHOLDER, file_of, placeholders, read_languages
from service.release.programme.signatures import is_signatory
from service.release.translations import (
    APPEAL,
    QUESTION,
    TITLE,
    WORD,
    WORDS,
    TranslatedPart,
    TranslatedText,
    read_parts,
)

LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
LONGEST: Final = 4000
"""Characters of one translation."""
PSEUDO: Final = "art"
"""Code of the invented language in which every text is longer and bears accents: that of ISO 639
for languages that somebody made, which a browser knows."""
_ACCENTS: Final = str.maketrans("aeiouyAEIOUYcnsz", "áéíóúýÁÉÍÓÚÝçñšž")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
_ALLOWED: Final = frozenset("\u200c\u200d\u200e\u200f\u00ad")
"""Unseen signs that a text may hold: joiners, marks of direction, a soft hyphen. Those that turn
the order of what follows are refused: a text could be read otherwise than it was signed."""


class RefusedTranslation(ValueError):
    """A file of a translator that is not taken; nothing has changed.

    `faults`: each a key of `translation` in `service.text`, and what its sentence names.
    """

    def __init__(self, faults: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        super().__init__("; ".join(f"{key} {dict(facts)}" for key, facts in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Translation:
    """What came of a file: the files of the bundle that change, and the parts with their states."""

    changed: Mapping[str, bytes]
    parts: tuple[TranslatedPart, ...]


def write_translation(
    bundle: Bundle, forms: Mapping[str, Form], lang: str, *, now: datetime, pseudo: bool = False
) -> bytes:
    """Write the `.po` of a language.

    Args:
        pseudo: fill in every text, longer and with accents, for a look at whether it all fits.
    Raises:
        RefusedTranslation: the language is no language, or the one that is translated from.
    """
    _require_language(lang)
    parts = read_parts(bundle, forms, lang)
    catalog = Catalog(
        project="Tresteg",
        version=parts[0].source_version,
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=now,
        revision_date=now,
        fuzzy=False,
    )
    catalog.header_comment = (
        "# What the person herself reads or hears. The text to translate is Swedish (msgid).\n"
        "# Names in braces, such as {code}, stay as they are."
    )
    for part in parts:
        for entry in part.entries:
            if not entry.source:
                continue
            own = as_pseudo(entry.source) if pseudo else entry.own
            old = part.version not in ("", part.source_version)
            catalog.add(
                entry.source,
                own,
                context=entry.id,
                auto_comments=(entry.about,),
                flags=("fuzzy",) if old and own and not pseudo else (),
            )
    # the language last: Babel knows no plural forms of an invented one, and asks for them
    out = io.BytesIO()
    write_po(out, catalog, width=100, sort_output=False)
    return out.getvalue().replace(
        b'"MIME-Version', f'"Language: {lang}\\n"\n"MIME-Version'.encode(), 1
    )


def read_translation(
    bundle: Bundle, forms: Mapping[str, Form], lang: str, content: bytes
) -> Translation:
    """Take a `.po` of a language back: the files of the bundle as they become.

    Raises:
        RefusedTranslation: with every fault. Nothing is taken then.
    """
    _require_language(lang)
    catalog = _catalog(content)
    parts = read_parts(bundle, forms, lang)
    entries = {entry.id: entry for part in parts for entry in part.entries if entry.source}
    faults = list(_header_faults(content, lang))
    came = dict[str, str]()
    for message in catalog:
        if not message.id:
            continue
        id_ = message.context or ""
        found = list(_faults(entries.get(id_), message, twice=id_ in came))
        faults += found
        came[id_] = _text(message)
    faults += [("missing", {"id": id_}) for id_ in entries if id_ not in came]
    faults += [fault for part in parts for fault in _part_faults(part, came)]
    if faults:
        raise RefusedTranslation(faults)
    changed = dict(_changed(bundle, lang, parts, came))
    return Translation(changed, parts)


def sign(
    bundle: Bundle, forms: Mapping[str, Form], lang: str, who: str, names: Sequence[str] = ()
) -> Translation:
    """Sign texts of a language as somebody who has read them.

    Args:
        who: name, role and day, with commas between them.
        names: the parts that are signed; empty for all that the language has.
    Raises:
        RefusedTranslation: `who` lacks something, a part is not there, or it is old or incomplete.
    """
    if not is_signatory(who):
        raise RefusedTranslation([("who", {"who": who})])
    parts = {part.name: part for part in read_parts(bundle, forms, lang)}
    faults = [("no_part", {"name": name, "names": ", ".join(parts)}) for name in names]
    faults = [fault for fault in faults if fault[1]["name"] not in parts]
    wanted = [parts[name] for name in names or parts if name in parts]
    if not names:
        wanted = [part for part in wanted if part.version]
    faults += [
        (f"sign_{part.state}", {"name": part.name, "language": lang})
        for part in wanted
        if part.state in ("old", "incomplete", "missing")
    ]
    if faults or not wanted:
        raise RefusedTranslation(faults or [("nothing", {"language": lang})])
    changed = {}
    for part in wanted:
        signature = part.signed_by(who)
        if part.name == WORDS:
            document = _document(bundle, lang)
            document["signed"] = signature
            changed[part.file] = tomlkit.dumps(document).encode()
        else:
            changed[part.file] = resigned(bundle.text(part.file), signature).encode()
    return Translation(changed, tuple(wanted))


def as_pseudo(text: str) -> str:
    """A text a third longer and with accents; names of values stay as they are."""
    pieces = re.split(f"({PLACEHOLDER.pattern.replace('(', '(?:', 1)})", text)
    said = "".join(p if PLACEHOLDER.fullmatch(p) else p.translate(_ACCENTS) for p in pieces)
    return " ".join([said, *["ö" * 7] * (len(text) // 24), "ö"])


# ---- what is wrong with a file


def _require_language(lang: str) -> None:
    if not LANGUAGE.fullmatch(lang):
        raise RefusedTranslation([("language", {"language": lang})])
    if lang == FIRST:
        raise RefusedTranslation([("source_language", {})])


def _catalog(content: bytes) -> Catalog:
    try:
        content.decode()
        # the header's language is compared as text: Babel knows no invented one
        plain = re.sub(rb'"Language:[^"]*"\n', b"", content, count=1)
        return read_po(io.BytesIO(plain), abort_invalid=True, ignore_obsolete=True)
    except UnicodeDecodeError as e:
        raise RefusedTranslation([("utf8", {})]) from e
    except PoFileError as e:
        raise RefusedTranslation([("po", {"line": str(e.lineno), "reason": str(e)})]) from e
    except (ValueError, TypeError, LookupError, UnknownLocaleError) as e:
        raise RefusedTranslation([("po", {"line": "?", "reason": str(e)})]) from e


def _header_faults(content: bytes, lang: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    found = re.search(rb'"Language:\s*([A-Za-z_]*)', content)
    named = found[1].decode() if found else ""
    if named != lang:
        yield "other_language", {"named": named or "–", "language": lang}


def _text(message: Message) -> str:
    return str(message.string or "") if not isinstance(message.string, (list, tuple)) else ""


def _faults(
    entry: TranslatedText | None, message: Message, *, twice: bool
) -> Iterator[tuple[str, Mapping[str, str]]]:
    id_ = message.context or "–"
    if entry is None:
        yield "unknown", {"id": id_}
        return
    if twice:
        yield "twice", {"id": id_}
    if message.id != entry.source:
        yield "changed", {"id": id_, "now": entry.source}
        return
    text = _text(message)
    if message.fuzzy and text:
        yield "fuzzy", {"id": id_}
    if text and placeholders(text) != placeholders(entry.source):
        wanted = ", ".join(f"{{{name}}}" for name in sorted(placeholders(entry.source))) or "–"
        yield "placeholder", {"id": id_, "wanted": wanted}
    if text and (broken := _broken(text)):
        yield "markup", {"id": id_, "what": broken}


def _broken(text: str) -> str:
    """The sign that would break the text where it stands; empty for none."""
    if text != text.strip():
        return "␠"
    if len(text) > LONGEST:
        return f"> {LONGEST}"
    for start in ("# ", "- ", "signed:", "version:"):
        if text.startswith(start):
            return start.strip()
    unseen = (one for one in text if unicodedata.category(one) in _UNSEEN and one not in _ALLOWED)
    return next((f"U+{ord(one):04X}" for one in unseen), "")


def _part_faults(
    part: TranslatedPart, came: Mapping[str, str]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """A text is translated whole or not at all: half of it would be another text."""
    if part.name == WORDS:
        return
    wanted = [entry.id for entry in part.entries if entry.source]
    done = [id_ for id_ in wanted if came.get(id_)]
    if done and len(done) < len(wanted):
        yield "half", {"name": part.name, "n": str(len(done)), "all": str(len(wanted))}


# ---- the files


def _changed(
    bundle: Bundle, lang: str, parts: Sequence[TranslatedPart], came: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    for part in parts:
        entries = [entry for entry in part.entries if entry.source]
        texts = [came[entry.id] for entry in entries]
        same = part.version == part.source_version and texts == [e.own for e in part.entries]
        if same or not any(texts):
            continue
        if part.name == WORDS:
            yield file_of(lang), _words_file(bundle, lang, part, came)
        else:
            yield part.file, _text_file(bundle, part, texts)


def _text_file(bundle: Bundle, part: TranslatedPart, texts: Sequence[str]) -> bytes:
    """A text in the shape of the Swedish one."""
    title, *blocks = texts
    swedish = bundle.text(part.file.replace(f".{part.lang}.md", f".{FIRST}.md"))
    kinds = [kind for kind, _ in blocks_of(swedish)]
    lines = [
        f"- {text}" if kind == ITEM else text for kind, text in zip(kinds, blocks, strict=True)
    ]
    body = ""
    for n, line in enumerate(lines):
        joined = n and kinds[n] == kinds[n - 1] == ITEM
        body += ("" if not n else "\n" if joined else "\n\n") + line
    return written(title, part.source_version, body).encode()


def _words_file(bundle: Bundle, lang: str, part: TranslatedPart, came: Mapping[str, str]) -> bytes:
    """The file of words: in a language that forms and templates have themselves, only what differs
    from them.
    """
    document = _document(bundle, lang)
    document["version"] = part.source_version
    document.pop("signed", None)
    before = read_languages(bundle).files.get(lang)
    tables = {
        WORD: ("words", before.words if before else {}),
        TITLE: ("titles", before.titles if before else {}),
        QUESTION: ("questions", before.questions if before else {}),
        APPEAL: ("appeals", before.appeals if before else {}),
    }
    for entry in part.entries:
        kind, _, rest = entry.id.partition(".")
        name, own = tables[kind]
        key = entry.source if kind == QUESTION else rest
        table: Any = document.setdefault(name, tomlkit.table())
        text = came.get(entry.id, "")
        if not text:
            table.pop(key, None)
        elif key in own or text != entry.own:
            table[key] = text
    return tomlkit.dumps(document).encode()


def _document(bundle: Bundle, lang: str) -> tomlkit.TOMLDocument:
    file = file_of(lang)
    return tomlkit.parse(bundle.text(file)) if file in bundle.files else tomlkit.document()
