"""Kept answers in words: codes become labels in the reader's language, dates and amounts are
written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.actions.cases.case_visibility import field_of
from service.actions.cases.given_answers import GivenAnswer
from service.actions.releases.prepared import PreparedRelease
from service.forms import Field, Form, Json, Raw
from service.forms.scope import DIRECTORIES
from service.forms.values import to_text
from service.text import say

Pair = tuple[str, str]
"""A label and its text."""


@dataclass(frozen=True)
class AnswerTexts:
    """The words of a release for one reader."""

    release: PreparedRelease
    viewer: Viewer
    directories: Mapping[str, Sequence[Pair]] = field(default_factory=dict)

    def pair(self, one: GivenAnswer) -> Pair:
        """An answer as label and text."""
        return self.label(one.form, one.key), self.text(one)

    def in_order(self, told: Iterable[GivenAnswer]) -> list[GivenAnswer]:
        """Answers as their forms ask for them."""
        places = {
            id_: {f.key: n for n, f in enumerate(form.fields)}
            for id_, form in self.release.forms.items()
        }
        return sorted(
            told, key=lambda one: (one.rev, places.get(one.form, {}).get(one.key, len(places)))
        )

    def label(self, form: str, key: str) -> str:
        """A field's label; its key when the release does not know it any more."""
        found, words = field_of(self.release, form, key), self.release.forms.get(form)
        return (
            words.say(found.label, self.viewer.lang)
            if found is not None and words is not None and found.label
            else key
        )

    def text(self, one: GivenAnswer) -> str:
        """An answer in words."""
        found, words = field_of(self.release, one.form, one.key), self.release.forms.get(one.form)
        return (
            self.said(words, found, one.value)
            if found is not None and words is not None
            else to_text("", one.value, self.viewer.lang, self.zone)
        )

    @property
    def zone(self) -> ZoneInfo:
        """In which moments are told."""
        return ZoneInfo(self.viewer.zone)

    def said(self, form: Form, one: Field, value: Json) -> str:
        """A value of a field in words."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return self._yes_no(form, one, value=value)
        if one.kind == "money" and isinstance(value, dict):
            return f"{to_text('money', value.get('amount'), self.viewer.lang, self.zone)} {value.get('currency', '')}".strip()
        if isinstance(value, dict):
            return self._inside(form, one.fields, value)
        if isinstance(value, list):
            return self._several(form, one, value)
        return self._code(form, one, to_text(one.kind, value, self.viewer.lang, self.zone))

    def _yes_no(self, form: Form, one: Field, *, value: bool) -> str:
        told = form.option_label(one, "true" if value else "false", self.viewer.lang)
        return (
            told
            if told not in ("true", "false")
            else say("word.yes" if value else "word.no", self.viewer.lang)
        )

    def _inside(self, form: Form, fields: Sequence[Field], value: Mapping[str, Json]) -> str:
        told = [
            (form.say(f.label, self.viewer.lang), self.said(form, f, value.get(f.key)))
            for f in fields
            if f.key
        ]
        return ", ".join(f"{label}: {text}" if label else text for label, text in told if text)

    def _several(self, form: Form, one: Field, values: Sequence[Json]) -> str:
        if one.kind == "file":
            return say("form.papers", self.viewer.lang, n=len(values))
        rows = [
            self._inside(form, one.fields, v)
            if isinstance(v, dict)
            else self._code(form, one, str(v))
            for v in values
        ]
        return ("; " if one.fields else ", ").join(row for row in rows if row)

    def _code(self, form: Form, one: Field, text: str) -> str:
        if one.kind == "file":
            return say("form.papers", self.viewer.lang, n=1)
        told = form.option_label(one, text, self.viewer.lang)
        if told != text:
            return told
        source = one.properties.get("options.from", DIRECTORIES.get(one.kind, ""))
        return next(
            (label for code, label in self.directories.get(source, ()) if code == text), text
        )

    def typed(self, form: Form, raw: Raw) -> list[Pair]:
        """Texts as somebody typed them, one line a field, for reading only."""
        found = []
        for path, one in form.walk():
            texts = [
                t for key, sent in raw.items() if without_numbers(key) == path for t in sent if t
            ]
            if texts and not one.fields:
                found.append(
                    (
                        form.say(one.label, self.viewer.lang) or path,
                        ", ".join(self._code(form, one, t) for t in texts),
                    )
                )
        return found


def without_numbers(path: str) -> str:
    """`risks.2.severity` as `risks.severity`."""
    return ".".join(part for part in path.split(".") if not part.isdigit())
