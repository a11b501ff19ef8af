"""The settings of a question that its page shows: where each stands in the file, and how it is
read and written.

A setting that is not changed is not written, so the file keeps its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from service.forms import STEERS
from service.workshop.forms.form_file import Json
from service.workshop.forms.kinds import COMPUTED, DECORATION, HEADING, HOLDERS, UNKNOWN

Input: TypeAlias = Literal["text", "feel", "yes", "number", "choice"]
Part: TypeAlias = Literal["answer", "when", "who", "more"]
DIRECTORY: Final = frozenset({"country", "language", "office", "municipality"})
TEXTS, TIMES = frozenset({"text", "longtext"}), frozenset({"date", "datetime"})
CHOICES: Final = frozenset({"choice", "choices"})
PLAIN: Final = frozenset({*TEXTS, *TIMES, *CHOICES, *DIRECTORY, "number", "yesno", "money", "file"})
EVERY: Final = frozenset({*PLAIN, "list", "group", "consent", "consents"})
ALL: Final = EVERY | {COMPUTED}


@dataclass(frozen=True, slots=True)
class QuestionSetting:
    """One setting of a question."""

    name: str
    """What it is called in the form of the page, and behind `forms.set_` in the texts."""
    input: Input
    part: Part
    kinds: frozenset[str]
    where: tuple[str, ...] = ()
    """Its place in the component; a custom property of the same name where it is empty."""
    top: bool = False
    """Only of questions that stand in no group or list."""

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands in the component."""
        return self.where or ("properties", self.name)

    @property
    def text_key(self) -> str:
        """The end of its key in the texts."""
        return self.name.replace(".", "_")

    def read(self, component: Json) -> str:
        """What stands in the file, as the page shows it; empty when nothing does."""
        value: Any = component
        for name in self.place:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, bool):
            return "yes" if value else ""
        if value is None or isinstance(value, dict | list):
            return ""
        text = str(value)
        return text.removeprefix("=").strip() if self.is_marked else text

    @property
    def is_marked(self) -> bool:
        """Whether it is FEEL that stands behind a `=` in the file."""
        return self.input == "feel" and bool(self.where)

    def write(self, component: Json, text: str) -> None:
        """Write what was typed, unless it stands there already; empty takes it out."""
        text = text.strip()
        if text == self.read(component).strip():
            return
        *holders, last = self.place
        holder = component
        for name in holders:
            if not isinstance(holder.get(name), dict):
                holder[name] = {}
            holder = holder[name]
        if text:
            holder[last] = self._value(text)
        else:
            holder.pop(last, None)
        if holders and not holder:
            component.pop(holders[0], None)

    def _value(self, text: str) -> object:
        if self.input == "yes" and self.where:
            return True
        if self.input == "number" and self.where and re.fullmatch(r"-?\d{1,6}", text):
            return int(text)
        return f"={text}" if self.is_marked else text


def _of(
    part: Part, input_: Input, kinds: frozenset[str], names: str, *, top: bool = False
) -> Iterator[QuestionSetting]:
    return (QuestionSetting(name, input_, part, kinds, top=top) for name in names.split())


SETTINGS: Final = (
    QuestionSetting("expression", "feel", "answer", frozenset({COMPUTED}), ("expression",)),
    QuestionSetting("required", "yes", "answer", EVERY, ("validate", "required")),
    QuestionSetting("minLength", "number", "answer", TEXTS, ("validate", "minLength")),
    QuestionSetting("maxLength", "number", "answer", TEXTS, ("validate", "maxLength")),
    QuestionSetting("min", "number", "answer", frozenset({"number"}), ("validate", "min")),
    QuestionSetting("max", "number", "answer", frozenset({"number"}), ("validate", "max")),
    QuestionSetting("decimalDigits", "number", "answer", frozenset({"number"}), ("decimalDigits",)),
    QuestionSetting("multiple", "yes", "answer", frozenset({"file"}), ("multiple",)),
    *_of("answer", "number", frozenset({"list", "file"}), "min_rows max_rows"),
    *_of("answer", "feel", TIMES, "not_before not_after"),
    QuestionSetting("hide", "feel", "when", ALL | {"paragraph"}, ("conditional", "hide")),
    *_of("when", "feel", EVERY, "required_when"),
    *_of("when", "feel", PLAIN, "hint_when"),
    *_of("when", "text", PLAIN, "hint.sv hint.en"),
    *_of("who", "choice", ALL, "class group purpose"),
    *_of("who", "text", EVERY, "read_by"),
    *_of("who", "yes", STEERS | {COMPUTED}, "routing", top=True),
    *_of("who", "yes", frozenset({"choice", "yesno"}), "buttons", top=True),
    *_of("who", "yes", ALL, "headline", top=True),
    *_of("who", "choice", frozenset({"office"}), "binds", top=True),
    *_of("more", "yes", PLAIN, "judgement"),
    *_of("more", "feel", PLAIN, "proposed if_empty"),
    *_of("more", "choice", ALL, "fresh", top=True),
    *_of("more", "text", STEERS | {COMPUTED}, "when_hidden", top=True),
    *_of("more", "feel", PLAIN, "offer_when"),
    *_of("more", "text", PLAIN, "offer"),
    *_of("more", "choice", frozenset({"yesno"}), "must_be"),
    *_of("more", "text", frozenset({"choices"}), "alone"),
    *_of("more", "yes", frozenset({"choices"}), "all_required"),
    *_of("more", "yes", TEXTS, "no_identity digest"),
    *_of("more", "feel", frozenset({"money"}), "currency"),
    *_of("more", "text", frozenset({"money"}), "money money.of money.receipt"),
    *_of("more", "yes", frozenset({"money"}), "money.each"),
    *_of("more", "text", frozenset({"datetime"}), "zone"),
    *_of("more", "text", CHOICES | {"number"}, "options.from options.label options.value"),
    *_of("more", "yes", CHOICES, "options.live"),
    *_of("more", "text", frozenset({"list"}), "rows.from rows.key rule rule.in rule.out"),
    *_of("more", "text", TEXTS, "row_id"),
    *_of("more", "yes", frozenset({"group"}), "matrix"),
    *_of("more", "text", frozenset({"group"}), "information information.language"),
    *_of("more", "choice", frozenset({"consent"}), "consent"),
    *_of("more", "text", frozenset({"consent"}), "consent.given_by consent.asked_in"),
    *_of("more", "text", frozenset({"number"}), "unit"),
    *_of("more", "text", ALL, "keep index"),
)
"""Every setting that the forms of a programme can use."""
NAMES: Final[Mapping[str, QuestionSetting]] = {setting.name: setting for setting in SETTINGS}
UNASKED: Final = frozenset({HEADING, DECORATION, UNKNOWN, "paragraph"})
"""Kinds that have no answer, and so no key."""


def settings_of(kind: str, component: Json, *, inside: bool) -> tuple[QuestionSetting, ...]:
    """Settings of a component: those that fit its kind, and any others that the file gives it.

    Args:
        inside: whether it stands in a group or list.
    """
    return tuple(
        setting
        for setting in SETTINGS
        if (kind in setting.kinds and not (inside and setting.top)) or setting.read(component)
    )


def holds_questions(kind: str) -> bool:
    """Whether questions can be added in it."""
    return kind in HOLDERS
