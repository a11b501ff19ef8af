"""Texts by key and language: every sentence that a person reads, in Swedish and English.

One file a language in this folder. A key is `section.name`; a sentence that counts has `.one`
and `.other`, chosen by the value `n`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from service.errors import in_language

FIRST: Final = "sv"
"""The language that always has the sentence; the others fall back to it."""


class UnknownText(LookupError):
    """No file has this key: a fault of the program, never of what somebody wrote."""


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are words in, the first language first."""
    codes = sorted(path.stem for path in Path(__file__).parent.glob("??.toml"))
    return (FIRST, *(code for code in codes if code != FIRST))


def say(key: str, lang: str, **facts: object) -> str:
    """Return one sentence in `lang`, with its values set in.

    Args:
        key: for example ``inbox.count``. Where the files hold ``inbox.count.one`` and ``.other``,
            `n` chooses.
        lang: a code of `languages()`; an unknown one, and a key missing in it, give Swedish.
        facts: what the sentence names, by the names of its placeholders. Values are set in as they
            are: escaping is the template's task.
    Raises:
        UnknownText: no file has the key.   KeyError: the sentence names a value that was not given.
    """
    return _sentence(key, lang, facts.get("n")).format_map(facts)


def known(key: str) -> bool:
    """Whether there is a sentence for this key: for codes that come from data."""
    words = _words(FIRST)
    return key in words or f"{key}.other" in words


def section(name: str, lang: str) -> dict[str, str]:
    """Return all sentences of one section by the rest of their keys, for a script of a page."""
    start = f"{name}."
    found = {key: text for key, text in _words(FIRST).items() if key.startswith(start)}
    found |= {key: text for key, text in _words(lang).items() if key in found}
    return {key.removeprefix(start): text for key, text in found.items()}


def _sentence(key: str, lang: str, n: object) -> str:
    form = f"{key}.one" if n == 1 else f"{key}.other"
    for words in (_words(lang), _words(FIRST)):
        for name in (key, form):
            if name in words:
                return words[name]
    raise UnknownText(key)


@cache
def _words(lang: str) -> dict[str, str]:
    if lang not in languages():
        return {}
    return _flat(
        tomllib.loads((Path(__file__).parent / f"{lang}.toml").read_text(encoding="utf-8"))
    )


def _flat(table: dict[str, object], start: str = "") -> dict[str, str]:
    words: dict[str, str] = {}
    for key, value in table.items():
        name = f"{start}{key}"
        words |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: str(value)}
    return words


SENTENCES = ("sentences", "forms", "configuration")
"""Sections of `lint_sv.toml` with sentences of findings, by code."""


def finding_text(code: str, message: str, facts: dict[str, object], lang: str) -> str:
    """Return the sentence of a finding in `lang`; its own English `message` where there is none."""
    key = facts.get("sentence", code)
    words = _findings(lang)
    sentence = next(
        (words[at] for at in (f"{part}.{key}" for part in SENTENCES) if at in words), None
    )
    if sentence is None:
        return message
    try:
        named = in_language(facts, lang)
        return sentence.format_map({**named, **_phrases(facts, lang), **_reason(facts, lang)})
    except (KeyError, IndexError, ValueError):
        return message


def move_text(code: str, message: str, facts: dict[str, str], lang: str) -> str:
    """Return why a case may not move, or what a move does to its deadlines, in `lang`.

    A code without a sentence of its own is one of the linter's, found from where the case is.
    """
    words = _findings(lang)
    sentence = words.get(f"move.{code}") or words.get(f"deadlines.{code}")
    if sentence is None:
        return finding_text(code, message, dict(facts), lang)
    steps: dict[str, str] = {
        name: words.get(f"steps.{facts[name]}", facts[name])
        for name in ("kind", "other")
        if name in facts
    }
    dates = {
        name: words["deadlines.no_date"] for name in ("was", "becomes") if facts.get(name) == ""
    }
    return sentence.format_map({**facts, **steps, **dates})


PHRASES: Final = frozenset(
    {"allowed", "instead", "kind", "other", "parts", "place", "reason", "type", "wanted", "which"}
)
"""Facts in which the linter may speak words of its own; all others name things of the diagram."""


def _phrases(facts: dict[str, object], lang: str) -> dict[str, str]:
    """Words of the linter inside facts, in `lang`; several are separated by commas."""
    words = _findings(lang)
    said = {key: value for key, value in facts.items() if key in PHRASES and isinstance(value, str)}
    whole = {key: words.get(f"phrases.{value}") for key, value in said.items()}
    return {
        key: whole[key]
        or ", ".join(words.get(f"phrases.{part}", part) for part in value.split(", "))
        for key, value in said.items()
    }


def _reason(facts: dict[str, object], lang: str) -> dict[str, str]:
    """Why an expression does not run, in `lang`; nothing for another kind of finding."""
    words = _findings(lang)
    sentence = words.get(f"feel.{facts.get('why')}")
    if sentence is None:
        return {}
    named = {
        key: words.get(f"kinds.{value}", value) if key in {"left", "right"} else value
        for key, value in facts.items()
    }
    named["nearest"] = named["takes"] = ""
    near = facts.get("near")
    takes = facts.get("takes")
    either = words["near.or"]
    if isinstance(near, tuple | list) and near:
        named["nearest"] = words["near.near"].format(names=either.join(map(str, near)))
    if isinstance(takes, tuple | list):
        named["takes"] = either.join(words[f"kinds.{kind}"] for kind in takes)
    named["use"] = words.get(f"instead.{facts.get('instead')}", "")
    named["always"] = words["near.true" if facts.get("always") else "near.false"]
    return {"reason": sentence.format_map(named)}


@cache
def _findings(lang: str) -> dict[str, str]:
    path = Path(__file__).parent / f"lint_{lang}.toml"
    return (
        _flat(tomllib.loads(path.read_text(encoding="utf-8")))
        if lang in languages() and path.is_file()
        else {}
    )
