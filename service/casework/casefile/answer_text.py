"""Stored answers as text: codes become labels in the reader's language, dates and amounts are
written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.casework.cases.case_visibility import field_of
from service.casework.cases.given_answers import GivenAnswer
from service.forms import Field, Form, Json, Raw
from service.forms.scope import DIRECTORIES, row_names
from service.forms.values import place_zone, to_text
from service.release.prepared import PreparedRelease
from service.text import FIRST, languages, say

TYPED = frozenset({"text", "longtext"})
"""Kinds of fields in which a person types what she wants."""
Pair = tuple[str, str]
"""A label and its text."""
AnswerLines = tuple[str | tuple[str, ...], ...]
"""An answer as lines; a row of a list is several, one for each of its columns."""


@dataclass(frozen=True)
class AnswerTexts:
    """Answers of a release as text, for one viewer."""

    release: PreparedRelease
    viewer: Viewer
    directories: Mapping[str, Sequence[Pair]] = attribute(default_factory=dict)
    lists: Mapping[str, GivenAnswer] = attribute(default_factory=dict)
    """Key to the newest answer that the viewer may see: an answer that chose a row of such a list
    by its number is named with what stands in the row, unless the list was answered again since.
    """
    at: int = 0
    """Number of the fact of the answer that is shown."""
    hides_typed_parts: bool = False
    """Whether free text in a part of an answer is left out: a consent is a fact of the process as a
    whole, and the name of its witness is not."""

    def pair(self, answer: GivenAnswer) -> Pair:
        """An answer as label and text."""
        return self.label(answer.form, answer.key), self.text(answer)

    def in_order(self, answers: Iterable[GivenAnswer]) -> list[GivenAnswer]:
        """Answers in the order of their facts, and in a fact in the order of its form."""
        forms = self.release.forms

        def place(answer: GivenAnswer) -> tuple[int, int]:
            form = forms.get(answer.form)
            places = form.places if form is not None else {}
            return answer.rev, places.get(answer.key, len(forms))

        return sorted(answers, key=place)

    def label(self, form_id: str, key: str) -> str:
        """A field's label; its key when the release does not have the field."""
        field = field_of(self.release, form_id, key)
        form = self.release.forms.get(form_id)
        if field is None or form is None or not field.label:
            return key
        return form.say(field.label, self.lang)

    def text(self, answer: GivenAnswer) -> str:
        """An answer as text."""
        field = field_of(self.release, answer.form, answer.key)
        form = self.release.forms.get(answer.form)
        if field is None or form is None:
            return to_text("", answer.value, self.lang, self.zone)
        return replace(self, at=answer.rev).said(form, field, answer.value)

    @property
    def lang(self) -> str:
        """The viewer's language."""
        return self.viewer.lang

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which moments are written."""
        return ZoneInfo(self.viewer.zone)

    def said(self, form: Form, field: Field, value: Json) -> str:
        """A value of a field as text."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return self._yes_no(form, field, value=value)
        if field.kind == "money" and isinstance(value, dict):
            amount = to_text("money", value.get("amount"), self.lang, self.zone)
            return f"{amount} {value.get('currency', '')}".strip()
        if isinstance(value, dict):
            return self._group(form, field.fields, value)
        if isinstance(value, list):
            return self._list(form, field, value)
        return self._option(form, field, to_text(field.kind, value, self.lang, self.zone))

    def lines(self, form: Form, field: Field, value: Json) -> AnswerLines:
        """A value of a field as lines: one for each part of a group and for each row of a list, of
        which a row has one for each of its columns.
        """
        if isinstance(value, dict) and field.kind not in ("money", "file"):
            return self._parts(form, field.fields, value)
        if isinstance(value, list) and field.fields:
            rows = (row if isinstance(row, dict) else {} for row in value)
            return tuple(filter(None, (self._parts(form, field.fields, row) for row in rows)))
        return tuple(filter(None, [self.said(form, field, value)]))

    def lines_of(self, answer: GivenAnswer) -> AnswerLines:
        """A stored answer as lines."""
        field = field_of(self.release, answer.form, answer.key)
        form = self.release.forms.get(answer.form)
        if field is None or form is None:
            return (self.text(answer),)
        return replace(self, at=answer.rev).lines(form, field, answer.value)

    def _yes_no(self, form: Form, field: Field, *, value: bool) -> str:
        label = state_label(form, field, "true" if value else "false", self.lang)
        if label not in ("true", "false"):
            return label
        word = "word.yes" if value else "word.no"
        if self.lang in languages():
            return say(word, self.lang)
        return form.say(say(word, FIRST), self.lang)

    def _group(self, form: Form, fields: Sequence[Field], value: Mapping[str, Json]) -> str:
        return ", ".join(self._parts(form, fields, value))

    def _parts(
        self, form: Form, fields: Sequence[Field], value: Mapping[str, Json]
    ) -> tuple[str, ...]:
        keyed = [f for f in fields if f.key]
        texts = [(f, self._inner(form, f, value)) for f in keyed]
        if len(keyed) == 1:
            # one that asks a single thing says it without its label
            return tuple(filter(None, (texts[0][1],)))
        pairs = ((form.say(f.label, self.lang), text) for f, text in texts if text)
        return tuple(f"{label}: {text}" if label else text for label, text in pairs)

    def _inner(self, form: Form, field: Field, around: Mapping[str, Json]) -> str:
        """One answer of a group or row; a moment in the zone of its place, as it was typed."""
        value = around.get(field.key)
        if self.hides_typed_parts and field.kind in TYPED and value:
            return say("event.hidden", self.lang)
        if field.kind == "datetime" and value is not None:
            place = around.get(field.properties.get("zone", ""))
            return to_text(field.kind, value, self.lang, place_zone(field, place, self.zone))
        return self.said(form, field, value)

    def _list(self, form: Form, field: Field, values: Sequence[Json]) -> str:
        if field.kind == "file":
            return say("form.papers", self.lang, n=len(values))
        rows = [
            self._group(form, field.fields, value)
            if isinstance(value, dict)
            else self._option(form, field, str(value))
            for value in values
        ]
        return ("; " if field.fields else ", ").join(row for row in rows if row)

    def _option(self, form: Form, field: Field, text: str) -> str:
        """The label of a code: of the field's own options, else of a directory; else the text."""
        if field.kind == "file":
            return say("form.papers", self.lang, n=1)
        label = state_label(form, field, text, self.lang)
        if label != text:
            return label
        source = field.properties.get("options.from", DIRECTORIES.get(field.kind, ""))
        labels = self.directories.get(source, ())
        # an answer may have the name of a directory, such as the languages of a person
        rows = self.lists.get(field.properties.get("options.from", ""))
        if rows is not None and rows.rev < self.at:
            labels = row_names(field, rows.value, self.release.forms, self.lang, self.zone)
        return next((label for code, label in labels if code == text), text)

    def typed(self, form: Form, raw: Raw) -> list[Pair]:
        """Texts as somebody typed them, one line a field, for reading only."""
        pairs = []
        for path, field in form.walk():
            keys = [key for key in raw if without_numbers(key) == path]
            texts = [text for key in keys for text in raw[key] if text]
            if texts and not field.fields:
                label = form.say(field.label, self.lang) or path
                pairs.append((label, ", ".join(self._option(form, field, t) for t in texts)))
        return pairs


def state_label(form: Form, field: Field, code: str, lang: str) -> str:
    """What an answer says once it is given: "Approved" where the button said "Approve"."""
    given = field.properties.get(f"state.{code}.{lang}")
    swedish = field.properties.get(f"state.{code}.sv", "")
    return given or form.say(swedish, lang) or form.option_label(field, code, lang)


def has_typed_part(field: Field | None, value: Json) -> bool:
    """Whether a part of an answer is free text that somebody typed."""
    if isinstance(value, list):
        return any(has_typed_part(field, row) for row in value)
    if field is None or not isinstance(value, dict):
        return False
    parts = [(part, value.get(part.key)) for part in field.fields]
    return any(
        (part.kind in TYPED and bool(said)) or has_typed_part(part, said) for part, said in parts
    )


def without_numbers(path: str) -> str:
    """`risks.2.severity` as `risks.severity`."""
    return ".".join(part for part in path.split(".") if not part.isdigit())


def in_one_line(lines: AnswerLines) -> str:
    """Lines as one text: parts with commas, rows of a list with semicolons between them."""
    rows = [line if isinstance(line, str) else ", ".join(line) for line in lines]
    return ("; " if any(isinstance(line, tuple) for line in lines) else ", ").join(rows)
