"""The differences between two versions of a form: question by question, property by property.

Questions are compared by their ids. Every value of the file is looked at, known to us or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from service.text import languages
from service.workshop.comparison.release_changes import (
    FORM,
    NONE,
    TEXT,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
    rearranged,
    written,
)

INNER, TRANSLATED, OPTIONS = "components", "x-i18n", "values"
"""Keys of a form file that are compared by themselves."""
APART: Final = frozenset({INNER, OPTIONS, "id"})
DEEPER: Final = ("properties", "validate", "conditional", "layout", "appearance")
"""Objects whose values are compared one by one."""
NUMBER: Final = re.compile(r"_\d+$")
"""What tells the second and third check of a question from the first."""
WORDS: Final = ("label", "description", "text", "hint.", "check_text", "x-title", "offer", "alone")
"""Properties that are only words, or begin their names."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One question or group of a form: its path as answers have it, and its values by name."""

    path: str
    raw: Mapping[str, Any]
    inside: str
    """Id of the group that it stands in; empty at the top."""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Version:
    """A form file, read as it is written."""

    top: Mapping[str, Any]
    questions: Mapping[str, _Question]

    def say(self, text: str, lang: str) -> str:
        """A text of the form in a language."""
        tongues = self.top.get(TRANSLATED)
        words = tongues.get(lang) if isinstance(tongues, dict) else None
        return str(words.get(text, text)) if isinstance(words, dict) else text


def diff_form(
    before: bytes, after: bytes, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield the differences between two versions of a form; none where one cannot be read."""
    old = _read(before)
    new = _read(after)
    if old is None or new is None:
        return
    title = new.say(str(new.top.get("x-title", "")), texts.lang) or file
    for key, was, now in pairs(old.top, new.top):
        if key not in (INNER, TRANSLATED) and was != now:
            kind = TEXT if key.startswith(WORDS) else FORM
            word = _word(key, texts)
            change = texts.change(kind, "form_part", Place("", file), x=title, part=word)
            yield change.with_values(was, now)
    for id_, was_there, there in pairs(old.questions, new.questions):
        yield from _diff_question(
            _QuestionPair(id_, was_there, there, old, new, title, file, texts)
        )
    yield from _rearranged(old, new, title, file, texts)
    yield from _translations(old, new, title, file, texts)


@dataclass(frozen=True, slots=True)
class _QuestionPair:
    """One question on both sides."""

    id: str
    before: _Question | None
    after: _Question | None
    old: _Version
    new: _Version
    title: str
    file: str
    texts: ChangeTexts

    @property
    def name(self) -> str:
        """How the newer side asks, in the reader's language."""
        version = self.new if self.after is not None else self.old
        asked = self.after or self.before
        label = str(asked.raw.get("label") or "") if asked is not None else ""
        path = asked.path if asked is not None else self.id
        return version.say(label, self.texts.lang) or path

    def change(self, kind: str, key: str, **facts: object) -> ReleaseChange:
        """A sentence about this question."""
        asked = self.after or self.before
        place = Place(asked.path if asked is not None else "", self.file)
        return self.texts.change(kind, key, place, x=self.title, field=self.name, **facts)


def _diff_question(pair: _QuestionPair) -> Iterator[ReleaseChange]:
    if pair.before is None or pair.after is None:
        asked = pair.after or pair.before
        klass = _inner(asked.raw if asked is not None else {}, "properties").get("class", NONE)
        yield pair.change(FORM, "field_new" if pair.before is None else "field_gone", klass=klass)
        return
    for name, was, now in pairs(pair.before.values, pair.after.values):
        if was != now:
            kind = TEXT if name.startswith(WORDS) else FORM
            word = _word(name, pair.texts)
            yield pair.change(kind, "field_part", part=word).with_values(_said(was), _said(now))
    yield from _diff_options(pair, _options(pair.before), _options(pair.after))


def _diff_options(
    pair: _QuestionPair, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[ReleaseChange]:
    """Choices that came or went, and what they are called now."""
    for value, was, now in pairs(old, new):
        if was is None or now is None:
            key, version = ("option_new", pair.new) if was is None else ("option_gone", pair.old)
            yield pair.change(FORM, key, option=version.say(now or was or value, pair.texts.lang))
        elif was != now:
            yield pair.change(TEXT, "option_words", option=value).with_values(was, now)
    if rearranged(list(old), list(new)):
        order = (", ".join(side.values()) for side in (old, new))
        yield pair.change(FORM, "option_order").with_values(*order)


def _rearranged(
    old: _Version, new: _Version, title: str, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Questions that are asked at another place."""
    both = [id_ for id_ in new.questions if id_ in old.questions]
    elsewhere = {i for i in both if old.questions[i].inside != new.questions[i].inside}
    for group in dict.fromkeys(new.questions[id_].inside for id_ in both):
        before, after = (
            [id_ for id_, asked in side.questions.items() if asked.inside == group]
            for side in (old, new)
        )
        elsewhere |= rearranged(before, after)
    for id_ in both:
        if id_ in elsewhere:
            pair = _QuestionPair(
                id_, old.questions[id_], new.questions[id_], old, new, title, file, texts
            )
            yield pair.change(FORM, "field_place")


def _translations(
    old: _Version, new: _Version, title: str, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Texts in another language that came, went or changed."""
    before = _inner(old.top, TRANSLATED)
    after = _inner(new.top, TRANSLATED)
    for lang, was_all, now_all in pairs(before, after):
        for source, was, now in pairs(_table(was_all), _table(now_all)):
            if was != now:
                facts = {"x": title, "tongue": lang, "source": source}
                change = texts.change(TEXT, "form_translation", Place("", file), **facts)
                yield change.with_values(was, now)


def _read(data: bytes) -> _Version | None:
    try:
        top = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(top, dict):
        return None
    found: dict[str, _Question] = {}
    _walk(top, "", "", found)
    return _Version(top, found)


def _walk(holder: Mapping[str, Any], path: str, inside: str, found: dict[str, _Question]) -> None:
    inner = holder.get(INNER)
    for raw in inner if isinstance(inner, list) else []:
        if not isinstance(raw, dict):
            continue
        own = str(raw.get("key") or raw.get("path") or "")
        at = ".".join(part for part in (path, own) if part)
        id_ = _free(str(raw.get("id") or at or raw.get("label") or raw.get("type")), found)
        found[id_] = _Question(at, raw, inside, _values(raw))
        _walk(raw, at, id_, found)


def _free(id_: str, found: Mapping[str, _Question]) -> str:
    n, free = 1, id_
    while free in found:
        n += 1
        free = f"{id_}#{n}"
    return free


def _values(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that a question says of itself, but for its choices and what stands in it."""
    found: dict[str, Any] = {}
    for name, value in raw.items():
        if name in DEEPER and isinstance(value, dict):
            found |= {str(key): inner for key, inner in value.items()}
        elif name not in APART or (name == OPTIONS and not _is_choices(value)):
            found[name] = value
    return found


def _is_choices(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and one.keys() == {"label", "value"} for one in value
    )


def _options(asked: _Question) -> dict[str, str]:
    value = asked.raw.get(OPTIONS)
    if not _is_choices(value) or not isinstance(value, list):
        return {}
    return {str(one["value"]): str(one["label"]) for one in value}


def _inner(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    return _table(raw.get(name))


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(name: str, texts: ChangeTexts) -> str:
    """A property in words; one in a language names that too (`check_text_2.en`)."""
    base, _, rest = name.partition(".")
    in_language = rest in languages()
    plain = NUMBER.sub("", base if in_language else name)
    word = texts.word(f"field_{plain}", plain)
    return f"{word} ({rest})" if in_language else word


def _said(value: object) -> str:
    return NONE if value is None else written(value)
