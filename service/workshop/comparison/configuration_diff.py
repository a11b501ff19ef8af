"""The differences between two versions of the configuration of a process, in words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any, Final

from service.access import CLASSES, ENDED, NOTHING
from service.release.bundle import CONFIG as FOLDER
from service.release.bundle import Bundle
from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.process_configuration import (
    CORRECTIONS,
    GRANTS,
    PARTIES,
    PROCESS_FILES,
    PUBLISHED_ONLY,
    REFERRALS,
    REMINDERS,
    VISIBILITY,
)
from service.release.programme.retention_rules import FILE as RETENTION
from service.release.programme.task_page_rules import FILE as TASK_PAGES
from service.text import languages
from service.workshop.comparison.release_changes import (
    CONFIG,
    ROUTE,
    TEXT,
    WHO,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
)
from service.workshop.configuration.entries import (
    Entry,
    Value,
    file_name,
    key_name,
    nothing,
    read_entries,
    said,
)
from service.workshop.configuration.words import ConfigurationWords

CLASS_OF: Final = {
    **dict.fromkeys((VISIBILITY, GRANTS, PARTIES, REFERRALS, REMINDERS), WHO),
    CORRECTIONS: ROUTE,
    GROUNDS: WHO,
    APPEALS: TEXT,
    TASK_PAGES: CONFIG,
    RETENTION: CONFIG,
    PROCESS: CONFIG,
}
"""Class of what changed in a file; words are text."""
OF_PROCESS: Final = {"duties": WHO, "protection": WHO, "money_kinds": TEXT}
"""Class of what changed in a table of `process.toml`."""
_WIDTH: Final = {letter: number for number, letter in enumerate("-OSF")}
"""How much a letter of the visibility matrix shows."""
Table = Mapping[str, Any]


def diff_configuration(
    before: Bundle,
    after: Bundle,
    words: ConfigurationWords,
    texts: ChangeTexts,
    installed: Mapping[str, str],
) -> Iterator[ReleaseChange]:
    """Yield the differences of every file of the configuration that can be read.

    Args:
        installed: the installation's files by name; they count for a side that has none of its own,
            but for those that count only in a release.
    """
    for name in PROCESS_FILES:
        file = FOLDER + name
        was = before.files.get(file)
        now = after.files.get(file)
        usual = installed.get(name, "").encode()
        if name in PUBLISHED_ONLY:
            was, now = was or b"", now or b""
        if was == now or (name not in installed and None in (was, now)):
            continue
        if was is None or now is None:
            key, table = ("own" if was is None else "not_own"), file_name(name, words)
            yield texts.change(CONFIG, f"setting_{key}", Place("", file), table=table)
        was, now = usual if was is None else was, usual if now is None else now
        try:
            old, new = was.decode(), now.decode()
            entries = (read_entries(name, old, words), read_entries(name, new, words))
            tables = (tomllib.loads(old), tomllib.loads(new))
        except (ValueError, AttributeError, TypeError):
            continue
        if name == VISIBILITY:
            yield from _diff_letters(*tables, file, words, texts)
            entries = (_narrowings(entries[0]), _narrowings(entries[1]))
        yield from _diff_entries(name, *entries, words, texts)


def _narrowings(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {id_: one for id_, one in entries.items() if one.part == "narrow"}


def _diff_letters(
    old: Table, new: Table, file: str, words: ConfigurationWords, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """One sentence for each cell of the matrix that shows more or less than before."""
    change = partial(texts.change, WHO, place=Place("", file))
    for role, was, now in pairs(_letters(old), _letters(new)):
        stages = dict.fromkeys([*(now or {}), *(was or {})])
        for stage, (at, klass) in product(stages, enumerate(CLASSES)):
            before = _letter(was, stage, at)
            after = _letter(now, stage, at)
            if before == after:
                continue
            wider = _WIDTH[after] > _WIDTH[before]
            yield change(
                key="sees_more" if wider else "sees_less",
                who=words.role(role),
                what=words.data_class(klass),
                stage=words.say("when_ended") if stage == ENDED else _in_stage(stage, words),
                was=words.mode(before),
                now=words.mode(after),
            )


def _in_stage(stage: str, words: ConfigurationWords) -> str:
    return words.say("in_stage", stage=words.stage(stage))


def _letters(table: Table) -> dict[str, Mapping[str, str]]:
    return {role: row for role, row in table.items() if isinstance(row, dict)}


def _letter(row: Mapping[str, str] | None, stage: str, at: int) -> str:
    four = str((row or {}).get(stage, ""))
    return four[at] if len(four) == len(CLASSES) and four[at] in _WIDTH else NOTHING


def _diff_entries(
    name: str,
    before: Mapping[str, Entry],
    after: Mapping[str, Entry],
    words: ConfigurationWords,
    texts: ChangeTexts,
) -> Iterator[ReleaseChange]:
    """One sentence for each row that came or went, and for each value of the others."""
    place = Place("", FOLDER + name)
    table = file_name(name, words)
    for _, was, now in pairs(before, after):
        entry = now or was
        if entry is None:
            continue
        kind = _class_of(name, entry.part)
        if was is None or now is None:
            key = "setting_new" if was is None else "setting_gone"
            if entry.part == "narrow":
                key = "narrow_new" if was is None else "narrow_gone"
            what = entry.text(words)
            yield texts.change(kind, key, place, table=table, row=entry.name, what=what)
            continue
        facts = {"table": table, "row": entry.name}
        for key, old, new in pairs(was.values, now.values):
            if old != new:
                plain = key.rpartition(".")[2] in (*languages(), "name")
                change = partial(texts.change, TEXT if plain else kind, place=place, **facts)
                sides = (old or nothing(key, words), new or nothing(key, words))
                yield from _diff_value(*sides, partial(change, name=key_name(key, words)))


def _diff_value(
    was: Value, now: Value, change: Callable[..., ReleaseChange]
) -> Iterator[ReleaseChange]:
    """One sentence about a value; of a list what came and what went."""
    if isinstance(was, str) or isinstance(now, str) or set(was) == set(now):
        yield change(key="setting", was=said(was), now=said(now))
        return
    if came := [one for one in now if one not in was]:
        yield change(key="setting_list_new", values=said(tuple(came)))
    if went := [one for one in was if one not in now]:
        yield change(key="setting_list_gone", values=said(tuple(went)))


def _class_of(name: str, part: str) -> str:
    return OF_PROCESS.get(part, CONFIG) if name == PROCESS else CLASS_OF[name]
