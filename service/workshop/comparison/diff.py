"""The differences between two releases, one by one and by class.

Elements are compared by their ids, never by their text. What was drawn elsewhere is one sentence a
file. Every file whose bytes differ has at least one sentence.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property

from service.binding import Declaration
from service.engine import FileParts, Files, Survey, file_parts, survey
from service.errors import BadDiagram
from service.forms import Form
from service.release.bundle import CONFIG as CONFIG_FOLDER
from service.release.bundle import Bundle
from service.release.labels import localized_name
from service.release.prepared import files_of
from service.release.programme.process_configuration import PROCESS_FILES
from service.workshop.comparison.configuration_diff import diff_configuration
from service.workshop.comparison.file_rest import diff_rest
from service.workshop.comparison.form_diff import diff_form
from service.workshop.comparison.layout_diff import diff_layout
from service.workshop.comparison.paper_diff import diff_consent_texts, diff_papers
from service.workshop.comparison.process_diff import diff_handlers, diff_process
from service.workshop.comparison.release_changes import (
    CLASSES,
    CONFIG,
    FORM,
    ROUTE,
    RULE,
    TEXT,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
)
from service.workshop.comparison.rule_diff import diff_table
from service.workshop.comparison.table_diff import diff_table_file
from service.workshop.configuration.words import ConfigurationWords, read_words

DRAWN = (".bpmn", ".dmn")
TABLES = (".toml", ".json")
OWN_TABLES = frozenset(CONFIG_FOLDER + name for name in PROCESS_FILES)
"""Tables of which `configuration_diff` tells."""
Handlers = Mapping[str, str]
"""Topic to the digest of its handler."""


def diff_bundles(
    before: Bundle,
    after: Bundle,
    topics: Mapping[str, Declaration],
    lang: str,
    handlers: tuple[Handlers, Handlers] = ({}, {}),
    installed: Mapping[str, str] | None = None,
) -> tuple[ReleaseChange, ...]:
    """List the differences between two bundles: processes, forms, rules, tables, papers, texts of
    consents, other files, and handlers.

    Args:
        topics: the handlers' declarations.
        lang: of the sentences.
        handlers: of the older and of the newer side.
        installed: the installation's files of the configuration by name, which count for a side
            without its own.
    Returns:
        What weighs most first (`CLASSES`), and within a class in the order of the files.
    """
    if before.digest == after.digest and handlers[0] == handlers[1]:
        return ()
    return BundleDiff(before, after, topics, lang, installed or {}).changes(handlers)


class BundleDiff:
    """Two bundles, read and compared in one language."""

    def __init__(
        self,
        before: Bundle,
        after: Bundle,
        topics: Mapping[str, Declaration],
        lang: str,
        installed: Mapping[str, str],
    ) -> None:
        self.installed = installed
        self.before, self.after = before, after
        old_files, self.old_forms, _ = files_of(before, topics)
        new_files, self.new_forms, _ = files_of(after, topics)
        self.old: Survey = survey(old_files)
        self.new: Survey = survey(new_files)
        self.texts = ChangeTexts(lang, self._names(old_files, new_files, lang))

    def changes(self, handlers: tuple[Handlers, Handlers] = ({}, {})) -> tuple[ReleaseChange, ...]:
        """Every difference, as `diff_bundles` lists them; a changed file always has one."""
        found = [*self._processes(), *self._forms(), *self._rules(), *self._tables()]
        found += diff_configuration(
            self.before, self.after, self._words(), self.texts, self.installed
        )
        found += diff_papers(self.before, self.after, self.texts)
        found += diff_consent_texts(self.before, self.after, self.texts)
        found += diff_handlers(*handlers, self.new.model, self.texts)
        found += list(self._drawn(found))
        named = {change.file for change in found}
        found += list(self._unnamed(named))
        return tuple(sorted(found, key=lambda change: CLASSES.index(change.kind)))

    def titles(self) -> dict[str, str]:
        """File of each diagram, without its folder, to the name of the process that it draws."""
        processes = [*self.old.model.processes.values(), *self.new.model.processes.values()]
        return {one.file: self.texts.name(one.names, one.id) for one in processes}

    def _names(self, old_files: Files, new_files: Files, lang: str) -> dict[str, dict[str, str]]:
        """What people call the values of the parts of a step."""
        sides = ((old_files, self.old, self.old_forms), (new_files, self.new, self.new_forms))
        names: dict[str, dict[str, str]] = {"form": {}, "decision": {}, "calls": {}, "lane": {}}
        roles: dict[str, str] = {}
        for files, drawn, forms in sides:
            names["form"] |= {i: form.say(form.title, lang) or i for i, form in forms.items()}
            names["decision"] |= {i: table.name or i for i, table in drawn.tables.items()}
            processes = drawn.model.processes.items()
            names["calls"] |= {i: localized_name(one.names, lang) or i for i, one in processes}
            for id_, role in files.roles.items():
                roles[id_] = localized_name(role.names, lang) or id_
                names["lane"][role.names.get("sv", id_)] = roles[id_]
        return {**names, "roles": roles, "groups": roles}

    def _words(self) -> ConfigurationWords:
        """What people call what the configuration names, by the newer side first."""
        lang = self.texts.lang
        old = read_words(self.before, self.old, self.old_forms, lang, self.installed)
        new = read_words(self.after, self.new, self.new_forms, lang, self.installed)
        return new.or_of(old)

    @cached_property
    def changed_files(self) -> list[str]:
        """Names of files that one side does not have, or has with other bytes."""
        before, after = self.before.files, self.after.files
        every = sorted(before.keys() | after.keys())
        return [file for file in every if before.get(file) != after.get(file)]

    def _both(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Changed files that both sides have, with their bytes."""
        for file in self.changed_files:
            if file in self.before.files and file in self.after.files:
                yield file, self.before.files[file], self.after.files[file]

    def _processes(self) -> Iterator[ReleaseChange]:
        for id_, before, after in pairs(self.old.model.processes, self.new.model.processes):
            process = after or before
            if process is None:
                continue
            file = f"workflows/{process.file}"
            if before is not None and after is not None:
                yield from diff_process(before, after, file, self.texts)
                continue
            key = "process_new" if before is None else "process_gone"
            name = self.texts.name(process.names, id_)
            yield self.texts.change(ROUTE, key, Place("", file), x=name)

    def _forms(self) -> Iterator[ReleaseChange]:
        """Forms that came or went, and what changed in the others."""
        before, after = (side.under("forms", ".form") for side in (self.before, self.after))
        for name, was, now in pairs(before, after):
            file = f"forms/{name}"
            if was is not None and now is not None:
                if was != now:
                    yield from diff_form(was, now, file, self.texts)
                continue
            key = "form_new" if was is None else "form_gone"
            title = self._title(name.removesuffix(".form"))
            yield self.texts.change(FORM, key, Place("", file), x=title)

    def _title(self, id_: str) -> str:
        form: Form | None = self.new_forms.get(id_) or self.old_forms.get(id_)
        return (form.say(form.title, self.texts.lang) if form is not None else "") or id_

    def _rules(self) -> Iterator[ReleaseChange]:
        """Decision tables that came or went, and what changed in the others."""
        for _, before, after in pairs(self.old.tables, self.new.tables):
            table = after or before
            if table is None:
                continue
            file = f"workflows/{table.file}"
            if before is not None and after is not None:
                yield from diff_table(before, after, file, self.texts)
                continue
            key = "rule_new" if before is None else "rule_gone"
            yield self.texts.change(RULE, key, Place("", file), x=table.name)

    def _tables(self) -> Iterator[ReleaseChange]:
        """Tables of the configuration, and calendars."""
        for file, was, now in self._both():
            if file.endswith(TABLES) and file not in OWN_TABLES:
                yield from diff_table_file(was, now, file, self.texts)

    def _drawn(self, found: list[ReleaseChange]) -> Iterator[ReleaseChange]:
        """What diagrams and rules say and show besides."""
        tables = [*self.old.tables.values(), *self.new.tables.values()]
        titles = {**self.titles(), **{table.file: table.name for table in tables}}
        for file, was, now in self._both():
            if file.endswith(DRAWN):
                old = _parts(was, file)
                new = _parts(now, file)
                if old is not None and new is not None:
                    named = {change.element for change in found if change.file == file}
                    yield from diff_rest(old, new, file, named, self.texts)
                    yield from diff_layout(
                        old, new, file, titles.get(file.rpartition("/")[2]) or file, self.texts
                    )

    def _unnamed(self, named: set[str]) -> Iterator[ReleaseChange]:
        """Changed files of which nothing was said."""
        for file in self.changed_files:
            if file in named:
                continue
            was = self.before.files.get(file)
            now = self.after.files.get(file)
            if was is not None and now is not None and _reads_alike(was, now, file):
                yield self.texts.change(TEXT, "file_alike", Place("", file), x=file)
                continue
            key = "file_new" if was is None else "file_gone" if now is None else "file"
            yield self.texts.change(CONFIG, key, Place("", file), x=file)


def _parts(data: bytes, file: str) -> FileParts | None:
    try:
        return file_parts(data, file)
    except BadDiagram:
        return None


def _reads_alike(before: bytes, after: bytes, file: str) -> bool:
    """Whether two versions differ only in spaces, order or comments: whatever reads them reads the
    same.
    """
    try:
        if file.endswith(DRAWN):
            return _parts(before, file) is not None and _parts(after, file) is not None
        if file.endswith(".toml"):
            return tomllib.loads(before.decode()) == tomllib.loads(after.decode())
        return bool(json.loads(before) == json.loads(after))
    except (ValueError, RecursionError):
        return False
