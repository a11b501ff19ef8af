"""Names and texts of routing values in the reader's language: never the codes that files use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import cached_property

from service.casework.casefile.answer_text import AnswerTexts
from service.engine import bare
from service.forms import Field, Form, Json
from service.forms.values import to_text
from service.release.element_words import time_in_words
from service.release.labels import element_name
from service.text import say

_KINDS = {"date and time": "datetime", "number": "number"}
"""Declared type to the kind of form field that writes it out."""
LENGTH = re.compile(r"(?:R\d*/)?P(?=[T\d])")
"""How a length of time, or a repetition of one, begins."""
SHORT = 3
"""Letters of what is taken for an abbreviation, and stays in capitals."""


@dataclass(frozen=True)
class ValueNames:
    """What the routing values of one release are called, for one reader."""

    words: AnswerTexts
    process: str
    offices: Mapping[str, str] = attribute(default_factory=dict)
    """Office to name."""

    @cached_property
    def _asked(self) -> Mapping[str, tuple[Form, Field]]:
        """Key to a field that asks for it, one with options where there is one."""
        found: dict[str, tuple[Form, Field]] = {}
        for form in self.words.release.forms.values():
            for _, one in form.walk():
                known = found.get(one.key)
                if known is None or (one.options and not known[1].options):
                    found[one.key] = form, one
        return found

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        """Code to its words, where every question that offers it has the same ones."""
        found: dict[str, set[str]] = {}
        for form, one in self._asked.values():
            for option in one.options:
                label = form.say(option.label, self.words.lang)
                found.setdefault(option.value, set()).add(label)
        return {code: next(iter(labels)) for code, labels in found.items() if len(labels) == 1}

    @cached_property
    def _given_by(self) -> Mapping[str, str]:
        """Result of a rule to the name of the step that asks it."""
        elements = self.words.release.definitions[self.process].elements.values()
        return {e.result: element_name(e, self.words.lang) for e in elements if e.result}

    def is_asked(self, name: str) -> bool:
        """Whether a form asks for it."""
        return name in self._asked

    def label(self, name: str, element: str = "") -> str:
        """What a value is called: as a form asks for it, else after the step that gave it.

        Args:
            element: the step that wrote it.
        """
        if name in self._asked:
            form, one = self._asked[name]
            if label := form.say(one.label, self.words.lang):
                return label
        step = self._given_by.get(name, "")
        drawn = self.words.release.definitions[self.process].elements.get(element)
        if not step and drawn is not None:
            step = element_name(drawn, self.words.lang)
        key = "event.result_of" if step else "event.value"
        return say(key, self.words.lang, step=step)

    def text(self, name: str, value: Json) -> str:
        """A value in words; empty for none."""
        shown = bare(value)
        if name in self._asked and not isinstance(shown, bool):
            form, one = self._asked[name]
            if text := self.words.said(form, one, shown):
                return self.coded(text) if text == shown else text
        return "; ".join(self._parts(name, shown))

    def _parts(self, name: str, value: Json) -> Iterator[str]:
        if isinstance(value, bool):
            yield say("word.yes" if value else "word.no", self.words.lang)
        elif isinstance(value, Mapping):
            for part in value.values():
                yield from self._parts("", part)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for part in value:
                yield from self._parts("", part)
        elif value is not None:
            kind = str(self.words.release.routing_names.get(name, {}).get("type", ""))
            text = to_text(_KINDS.get(kind, ""), value, self.words.lang, self.words.zone)
            yield self.coded(text)

    def coded(self, text: str) -> str:
        """The words for a code: an option's, a role's or an office's; else the text, not in
        capitals.
        """
        if text in self._codes:
            return self._codes[text]
        if text in self.offices:
            return self.offices[text]
        if text in self.words.release.roles:
            return self.words.release.role_name(text, self.words.lang)
        if _is_code(text):
            return text.replace("_", " ").lower()
        return time_in_words(text, self.words.lang) if LENGTH.match(text) else text


def _is_code(text: str) -> bool:
    """Whether a text is a code of a file; an abbreviation is not, nor a length such as PT4H."""
    return text.isupper() and len(text) > SHORT and text.replace("_", "").isalpha()
