"""The differences between two releases, one by one and by class.

Elements are compared by their ids, never by their text; a drawing that only moved is one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from service.actions.publishing.paper_diff import diff_consent_texts, diff_papers
from service.actions.publishing.process_diff import diff_process
from service.actions.publishing.release_changes import (
    CODE,
    FORM,
    NONE,
    ROUTE,
    TEXT,
    WHO,
    ChangeTexts,
    Item,
    Place,
    ReleaseChange,
    pairs,
)
from service.actions.releases.bundle import ROLES, TYPES, VOCABULARY, Bundle
from service.actions.releases.prepared import files_of
from service.binding import Declaration
from service.engine import Survey, survey
from service.forms import Field, Form

FIELD_PARTS: tuple[tuple[str, str, Callable[[Field], object]], ...] = (
    (
        TEXT,
        "field_words",
        lambda f: (f.label, f.help, tuple((o.value, o.label) for o in f.options)),
    ),
    (FORM, "field_other", lambda f: (f.kind, f.required, f.multiple, f.limits, f.properties)),
)
"""Class, sentence and value of each part of a field that is compared by itself."""


def diff_bundles(
    before: Bundle, after: Bundle, topics: Mapping[str, Declaration], lang: str
) -> tuple[ReleaseChange, ...]:
    """List the differences between two bundles: processes, forms, rules, tables, papers, texts of
    consents, other files.

    Args:
        topics: the handlers' declarations.
        lang: of the sentences.
    """
    if before.digest == after.digest:
        return ()
    return tuple(_BundleDiff(before, after, topics, lang).changes())


class _BundleDiff:
    """Two bundles, read and compared in one language."""

    def __init__(
        self, before: Bundle, after: Bundle, topics: Mapping[str, Declaration], lang: str
    ) -> None:
        self.before, self.after, self.texts = before, after, ChangeTexts(lang)
        old_files, self.old_forms, _ = files_of(before, topics)
        new_files, self.new_forms, _ = files_of(after, topics)
        self.old: Survey = survey(old_files)
        self.new: Survey = survey(new_files)

    def changes(self) -> Iterator[ReleaseChange]:
        """Every difference; a changed file without any is named at the end."""
        found = [*self._processes(), *self._forms(), *self._rules(), *self._tables()]
        found += diff_papers(self.before, self.after, self.texts)
        found += diff_consent_texts(self.before, self.after, self.texts)
        yield from found
        named = {change.file for change in found}
        for file in self._changed_files():
            if file in named:
                continue
            kind, key = (TEXT, "drawing") if file.endswith(".bpmn") else (CODE, "file")
            yield self.texts.change(kind, key, Place("", file), x=file)

    def _changed_files(self) -> list[str]:
        before, after = self.before.files, self.after.files
        every = sorted(before.keys() | after.keys())
        return [file for file in every if before.get(file) != after.get(file)]

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
        """Forms that came or went, and fields that came, went or changed."""
        for id_, before, after in pairs(self.old_forms, self.new_forms):
            file, form = f"forms/{id_}.form", after or before
            if form is None:
                continue
            title = form.say(form.title, self.texts.lang) or id_
            if before is None or after is None:
                key = "form_new" if before is None else "form_gone"
                yield self.texts.change(FORM, key, Place("", file), x=title)
            elif self.before.files.get(file) != self.after.files.get(file):
                yield from self._fields(before, after, title, file)

    def _fields(self, before: Form, after: Form, title: str, file: str) -> Iterator[ReleaseChange]:
        lang = self.texts.lang
        for path, old, new in pairs(_asked(before), _asked(after)):
            place = Place(path, file)
            if new is not None:
                name = after.label(new, lang) or path
            elif old is not None:
                name = before.label(old, lang) or path
                yield self.texts.change(FORM, "field_gone", place, x=title, field=name)
                continue
            else:
                continue
            if old is None:
                facts = {"x": title, "field": name, "klass": new.data_class}
                yield self.texts.change(FORM, "field_new", place, **facts)
                continue
            for kind, key, value in FIELD_PARTS:
                if value(old) != value(new):
                    yield self.texts.change(kind, key, place, x=title, field=name)

    def _rules(self) -> Iterator[ReleaseChange]:
        """Decision tables that came or went, and rows and columns that changed."""
        for id_, before, after in pairs(self.old.tables, self.new.tables):
            table = after or before
            if table is None:
                continue
            file, name = f"workflows/{table.file}", table.name
            if before is None or after is None:
                key = "rule_new" if before is None else "rule_gone"
                yield self.texts.change(ROUTE, key, Place("", file), x=name)
                continue
            place = Place(id_, file)
            old_rows = [(row.cells, row.results) for row in before.rows]
            new_rows = [(row.cells, row.results) for row in after.rows]
            for n, (old, new) in enumerate(_aligned(old_rows, new_rows), 1):
                if old != new:
                    rows = {"was": _row_text(old), "now": _row_text(new)}
                    yield self.texts.change(ROUTE, "rule_row", place, x=name, n=n, **rows)
            columns = (before.policy, before.inputs, before.outputs)
            if columns != (after.policy, after.inputs, after.outputs):
                yield self.texts.change(ROUTE, "rule_columns", place, x=name)

    def _tables(self) -> Iterator[ReleaseChange]:
        """Tables of roles and routing names, and calendars."""
        for file in self._changed_files():
            place = Place("", file)
            if file in (ROLES, TYPES, VOCABULARY):
                kind = {ROLES: WHO, VOCABULARY: TEXT}.get(file, CODE)
                yield self.texts.change(kind, "table", place, x=file)
            elif file.startswith("workflows/calendars/"):
                content = self.after.files.get(file) or self.before.files[file]
                yield self.texts.change(ROUTE, "calendar", place, x=_calendar_name(content, file))


def _aligned(
    before: Sequence[Item], after: Sequence[Item]
) -> Iterator[tuple[Item | None, Item | None]]:
    """Pair the rows of two tables by their number; the shorter one is filled up with None."""
    for n in range(max(len(before), len(after))):
        yield before[n] if n < len(before) else None, after[n] if n < len(after) else None


def _row_text(row: tuple[tuple[str, ...], tuple[str, ...]] | None) -> str:
    """Write out a row of a decision table; a dash where a side has none."""
    if row is None:
        return NONE
    cells, results = row
    return " · ".join([*(cell or NONE for cell in cells), "→", *results])


def _calendar_name(content: bytes, file: str) -> str:
    try:
        calendar = json.loads(content)
    except ValueError:
        return file
    return str(calendar.get("name", file)) if isinstance(calendar, dict) else file


def _asked(form: Form) -> dict[str, Field]:
    """The fields of a form by path; what several consents share once."""
    return {path: field for path, field in form.walk() if not field.asked_in}
