"""The panel of one question in the form editor: its texts, settings, options and checks as they
stand in the file, or as they were typed just now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from service.access import CLASSES, OWN_OFFICE
from service.forms import LANGUAGES, SOURCE
from service.release.programme.vocabulary import GROUP, PURPOSE, Vocabulary
from service.text import say
from service.workshop.forms.form_changes import checks_of
from service.workshop.forms.form_file import FormFile, FormNode, Json, key_of, properties_of
from service.workshop.forms.kinds import COMPUTED, kind_of, kinds_like
from service.workshop.forms.question_settings import UNASKED, Part, QuestionSetting, settings_of

Typed: TypeAlias = Mapping[str, str]
Choices: TypeAlias = tuple[tuple[str, str], ...]
PARTS: Final[tuple[Part, ...]] = ("answer", "when", "who", "more")
FREE_ROWS: Final = 2
"""Empty rows that stand behind the options of a choice, to be filled in."""
OPTIONS: Final = frozenset({"choice", "choices", "number", "yesno"})
_SHOWN: Final = re.compile(r'(?P<key>[A-Za-z]\w*) != (?:"(?P<text>[^"]*)"|(?P<plain>true|false))')


@dataclass(frozen=True, slots=True)
class EditorWords:
    """The words of a draft that the panel offers, in the language of the page."""

    lang: str
    vocabulary: Vocabulary
    roles: Mapping[str, str]
    """Role to its name."""

    def terms(self, kind: str) -> Choices:
        """Ids of a kind of the vocabulary with their words."""
        ids = self.vocabulary.ids(kind)
        return tuple((id_, self.vocabulary.word(kind, id_, self.lang) or id_) for id_ in ids)


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting of a question on its page."""

    setting: QuestionSetting
    value: str
    choices: Choices = ()


@dataclass(frozen=True, slots=True)
class QuestionPanel:
    """What a page shows of one component of a form."""

    address: str
    kind: str
    kinds: tuple[str, ...]
    """The kinds that it can be changed to, its own first."""
    key: str
    path: str
    inside: bool
    texts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """Name of a text to its words by language."""
    parts: tuple[tuple[str, tuple[SettingView, ...]], ...]
    options: tuple[Mapping[str, str], ...]
    has_options: bool
    checks: tuple[Mapping[str, str], ...]
    has_checks: bool
    shown_if: str
    """The answer under which alone it is shown, as `key=VALUE`; empty for another condition."""
    shown_if_choices: tuple[tuple[str, Choices], ...]
    """Question to its answers, of those that a condition can be chosen from."""


def load_panel(
    words: EditorWords, form: FormFile, address: str, typed: Typed | None = None
) -> QuestionPanel | None:
    """The panel of a component; None when the form has none with this address.

    Args:
        typed: what was typed into it and not saved; None shows what stands in the file.
    """
    node = form.find(address)
    if node is None:
        return None
    component, kind = node.component, kind_of(node.component)
    given = typed if typed is not None else {}
    views = _settings(words, form, node, given)
    parts = tuple((part, tuple(v for v in views if v.setting.part == part)) for part in PARTS)
    return QuestionPanel(
        address=address,
        kind=given.get("kind", kind),
        kinds=kinds_like(component),
        key=key_of(component),
        path=node.path,
        inside=node.is_inside,
        texts=_texts(form, component, kind, given),
        parts=tuple((part, views) for part, views in parts if views),
        options=_options(form, component, given),
        has_options=has_options(component),
        checks=_rows(given, "check", ("when", *LANGUAGES)) or tuple(checks_of(component)),
        has_checks=kind not in {*UNASKED, COMPUTED},
        shown_if=given.get("shown_if", shown_if(component)),
        shown_if_choices=_answers(form, node, words.lang) if kind not in {*UNASKED} else (),
    )


def has_options(component: Json) -> bool:
    """Whether the options of a component can be written: not of what is worked out."""
    kind = kind_of(component)
    listed = bool(component.get("values")) or component.get("type") in ("radio", "checklist")
    return kind in OPTIONS and (kind != "number" or listed)


def typed_rows(typed: Typed, name: str, parts: Sequence[str]) -> tuple[dict[str, str], ...]:
    """Rows that were typed, as `name.0.part`, in their order."""
    return _rows(typed, name, parts)


def _rows(typed: Typed, name: str, parts: Sequence[str]) -> tuple[dict[str, str], ...]:
    found = (re.fullmatch(rf"{name}\.(\d{{1,3}})\.\w+", key) for key in typed)
    numbers = sorted({int(one[1]) for one in found if one})
    return tuple({part: typed.get(f"{name}.{n}.{part}", "") for part in parts} for n in numbers)


def _texts(
    form: FormFile, component: Json, kind: str, typed: Typed
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    names = ("text",) if kind == "paragraph" else ("label", "description")
    return tuple(
        (
            name,
            tuple(
                (lang, typed.get(f"{name}.{lang}", form.say(str(component.get(name, "")), lang)))
                for lang in LANGUAGES
            ),
        )
        for name in names
    )


def _settings(
    words: EditorWords, form: FormFile, node: FormNode, typed: Typed
) -> list[SettingView]:
    component, views = node.component, list[SettingView]()
    offered = _choices(words, form, inside=node.is_inside)
    for setting in settings_of(kind_of(component), component, inside=node.is_inside):
        value = setting.read(component)
        if "shown" in typed:
            value = typed.get(f"set.{setting.name}", "")
        choices = offered.get(setting.name, ())
        if choices and value not in dict(choices):
            choices = (*choices, (value, value))
        views.append(SettingView(setting, value, choices))
    return views


def _choices(words: EditorWords, form: FormFile, *, inside: bool) -> dict[str, Choices]:
    """What may be chosen for each setting that is a choice."""
    lang, none = words.lang, ("", say("forms.none", words.lang))
    purposes = words.terms(PURPOSE)
    groups = words.terms(GROUP)
    purpose = str(form.content.get("x-purpose", ""))
    of_form = say("forms.purpose_of_form", lang, purpose=dict(purposes).get(purpose, purpose))
    if OWN_OFFICE not in dict(groups):
        groups = (*groups, (OWN_OFFICE, say("forms.own_office", lang)))
    around = ("", say("forms.as_around", lang))
    fresh = (("", "fresh_form"), ("yes", "fresh_yes"), ("no", "fresh_no"))
    classes = tuple((klass, say(f"forms.class_{klass}", lang)) for klass in CLASSES)
    return {
        "class": (around if inside else none, *classes),
        "group": (around if inside else none, *groups),
        "purpose": (("", of_form) if purpose else none, *purposes),
        "consent": (none, *purposes),
        "binds": (none, *words.roles.items()),
        "fresh": tuple((code, say(f"forms.{key}", lang)) for code, key in fresh),
        "must_be": (none, ("true", say("word.yes", lang)), ("false", say("word.no", lang))),
    }


def _options(form: FormFile, component: Json, typed: Typed) -> tuple[Mapping[str, str], ...]:
    if rows := _rows(typed, "option", ("was", "value", *LANGUAGES)):
        return rows
    values = component.get("values")
    listed = [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
    rows = tuple(
        {
            "was": _code(value.get("value")),
            "value": _code(value.get("value")),
            **{lang: form.say(str(value.get("label", "")), lang) for lang in LANGUAGES},
        }
        for value in listed
    )
    free = dict.fromkeys(("was", "value", *LANGUAGES), "")
    return rows if kind_of(component) == "yesno" else (*rows, *[free] * FREE_ROWS)


def _code(value: object) -> str:
    return (
        str(value).lower() if isinstance(value, bool) else str(value if value is not None else "")
    )


def shown_if(component: Json) -> str:
    """The one answer under which a component is shown, as `key=VALUE`; empty when its condition is
    another.
    """
    conditional = component.get("conditional")
    hide = conditional.get("hide", "") if isinstance(conditional, dict) else ""
    found = _SHOWN.fullmatch(str(hide).removeprefix("=").strip())
    return f"{found['key']}={found['text'] or found['plain']}" if found else ""


def hide_unless(form: FormFile, chosen: str) -> str:
    """The condition that hides a question unless another has one answer, given as `key=VALUE`."""
    key, _, value = chosen.partition("=")
    for node in form.nodes():
        if key_of(node.component) == key and not node.is_inside:
            is_yes_no = kind_of(node.component) == "yesno"
            return f"{key} != {value}" if is_yes_no else f'{key} != "{value}"'
    return ""


def _answers(form: FormFile, node: FormNode, lang: str) -> tuple[tuple[str, Choices], ...]:
    return tuple(_of_questions(form, node, lang))


def _of_questions(form: FormFile, node: FormNode, lang: str) -> Iterator[tuple[str, Choices]]:
    own = node.around[0] if node.around else None
    for other in form.nodes():
        component = other.component
        if other.is_inside or component is node.component or component is own:
            continue
        if kind_of(component) in ("choice", "yesno") and "options.from" not in properties_of(
            component
        ):
            key = key_of(component)
            label = str(component.get("label", ""))
            values = component.get("values") or []
            yield (
                form.said(label, lang) if lang != SOURCE else label,
                tuple(
                    (f"{key}={_code(v.get('value'))}", form.said(str(v.get("label", "")), lang))
                    for v in values
                    if isinstance(v, dict)
                ),
            )
