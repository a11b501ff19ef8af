"""A form file as its JSON: what is read, changed and written without touching anything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from service.errors import BadDiagram
from service.forms import SOURCE, TRANSLATIONS, form_finding, load_form

Json: TypeAlias = dict[str, Any]
FOLDER, ENDING = "forms/", ".form"
_LAYOUTS: Final = (2, 4, 1, 3, "\t", None)
"""Indentations of JSON, the usual one first."""


@dataclass(frozen=True, slots=True)
class FormNode:
    """A component of a form, and where it stands."""

    place: tuple[int, ...]
    """Its number in the list of each component around it, from the outermost."""
    component: Json
    around: tuple[Json, ...]
    """The components that it stands in, the outermost first."""

    @property
    def path(self) -> str:
        """The path of its answer, such as `contact.phone`; empty for what has no key."""
        keys = [key_of(component) for component in (*self.around, self.component)]
        return ".".join(key for key in keys if key) if keys[-1] else ""

    @property
    def is_inside(self) -> bool:
        """Whether it stands in a group or list whose answer it is a part of."""
        return any(key_of(component) for component in self.around)


@dataclass(frozen=True, slots=True)
class FormFile:
    """A form file, and how its JSON is laid out."""

    id: str
    content: Json
    indent: int | str | None = 2
    end: str = "\n"

    @property
    def name(self) -> str:
        """Its name in the release."""
        return f"{FOLDER}{self.id}{ENDING}"

    def nodes(self) -> Iterator[FormNode]:
        """Every component, in the order of the file, outer before inner."""
        yield from _walk(self.content, (), ())

    def find(self, address: str) -> FormNode | None:
        """The component with this address; None when there is none."""
        return self.by_address().get(address) if address else None

    def by_address(self) -> dict[str, FormNode]:
        """Every component by its address: its id where no other has it, else its place."""
        nodes = list(self.nodes())
        ids = [str(node.component.get("id") or "") for node in nodes]
        return {
            id_ if id_ and ids.count(id_) == 1 else place_address(node): node
            for id_, node in zip(ids, nodes, strict=True)
        }

    def siblings(self, node: FormNode) -> list[Json]:
        """The list that a component stands in."""
        holder = node.around[-1] if node.around else self.content
        listed: list[Json] = holder["components"]
        return listed

    def copy(self) -> FormFile:
        """The same file, to be changed."""
        return FormFile(self.id, copy.deepcopy(self.content), self.indent, self.end)

    def dump(self) -> bytes:
        """The file as bytes, laid out as it was."""
        return _text(self.content, self.indent, self.end).encode()

    def words(self, lang: str) -> dict[str, str]:
        """Swedish text to the text in a language, to be changed; empty for Swedish."""
        if lang == SOURCE:
            return {}
        every = self.content.get("x-i18n")
        if not isinstance(every, dict):
            every = self.content["x-i18n"] = {}
        if not isinstance(every.get(lang), dict):
            every[lang] = {}
        found: dict[str, str] = every[lang]
        return found

    def say(self, text: str, lang: str) -> str:
        """A Swedish text in a language; empty where it is missing."""
        if lang == SOURCE:
            return text
        every = self.content.get("x-i18n")
        found = every.get(lang) if isinstance(every, dict) else None
        return str(found.get(text, "")) if isinstance(found, dict) else ""

    def said(self, text: str, lang: str) -> str:
        """A Swedish text in a language, else in Swedish."""
        return self.say(text, lang) or text


def read_form_file(data: bytes, name: str) -> FormFile:
    """Read a form file that the editor can change.

    Args:
        name: in the release.
    Raises:
        BadDiagram: it is no form that can be read, or its components are no lists of objects.
    """
    content, findings = load_form(data, name)
    if content is None or findings:
        raise BadDiagram(tuple(findings))
    made = json.loads(data)
    if not _has_components(made):
        raise BadDiagram((form_finding("F105.components", name, ""),))
    id_ = name.removeprefix(FOLDER).removesuffix(ENDING)
    text = data.decode()
    end = text[len(text.rstrip("\r\n")) :]
    fitting = (i for i in _LAYOUTS if _text(made, i, end) == text)
    return FormFile(id_, made, next(fitting, 2), end)


def _text(content: Json, indent: int | str | None, end: str) -> str:
    return json.dumps(content, ensure_ascii=False, indent=indent) + end


def _has_components(content: Json) -> bool:
    listed = content.get("components")
    return isinstance(listed, list) and all(isinstance(one, dict) for one in listed)


def _walk(holder: Json, place: tuple[int, ...], around: tuple[Json, ...]) -> Iterator[FormNode]:
    for number, component in enumerate(holder["components"] if _has_components(holder) else ()):
        yield FormNode((*place, number), component, around)
        yield from _walk(component, (*place, number), (*around, component))


def place_address(node: FormNode) -> str:
    """The address of a component by its place."""
    return "@" + ".".join(map(str, node.place))


def key_of(component: Json) -> str:
    """The key of a component; groups and lists call it `path`."""
    return str(component.get("key") or component.get("path") or "")


def is_heading(component: Json) -> bool:
    """Whether a component is a heading only: a group without a path."""
    return component.get("type") == "group" and not component.get("path")


def properties_of(component: Json) -> Json:
    """The custom properties of a component, not to be changed."""
    given = component.get("properties")
    return given if isinstance(given, dict) else {}


def texts_of(component: Json) -> list[str]:
    """Every text of a component that people read and that is translated in `x-i18n`."""
    texts = [component.get("label"), component.get("description"), component.get("text")]
    values = component.get("values")
    listed = values if isinstance(values, list) else []
    texts += [value.get("label") for value in listed if isinstance(value, dict)]
    return [text for text in texts if isinstance(text, str) and text]


def replace_text(form: FormFile, component: Json, name: str, text: str) -> None:
    """Write a Swedish text of a component (`label`, `description`, `text`), or take it out.

    A translation of the old text that nothing shows any more goes with it.
    """
    old = component.get(name)
    if text:
        component[name] = text
    else:
        component.pop(name, None)
    if isinstance(old, str):
        drop_words(form, old)


def translate(form: FormFile, text: str, lang: str, words: str) -> None:
    """Write what a Swedish text is in a language; empty takes it out.

    It is so wherever the form shows that text.
    """
    if not text or lang == SOURCE or form.say(text, lang) == words:
        return
    if words:
        form.words(lang)[text] = words
    else:
        form.words(lang).pop(text, None)


def drop_words(form: FormFile, text: str) -> None:
    """Take a text out of `x-i18n` unless the form still shows it somewhere."""
    used = {str(form.content.get("x-title", ""))}
    for node in form.nodes():
        used.update(texts_of(node.component))
    if text not in used:
        for lang in TRANSLATIONS:
            if form.say(text, lang):
                del form.words(lang)[text]
