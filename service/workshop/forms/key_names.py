"""Keys of questions: where a draft reads one, and the same draft with another key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from service.binding import Declaration
from service.engine import positions_in_feel, renamed_in_feel, renamed_in_file, uses_in_file
from service.errors import BadDiagram
from service.release.bundle import CONFIG, TYPES, Bundle
from service.release.handler_contracts import TOPIC
from service.release.paper_templates import ENDING as PAPER
from service.release.paper_templates import FOLDER as PAPERS
from service.release.programme.process_configuration import ProcessConfiguration
from service.release.programme.retention_rules import FILE as RETENTION
from service.workshop.forms.form_file import (
    ENDING,
    FOLDER,
    FormFile,
    FormNode,
    Json,
    key_of,
    properties_of,
    read_form_file,
)
from service.workshop.forms.question_settings import SETTINGS

Kind: TypeAlias = Literal[
    "question", "condition", "form", "step", "gateway", "rule", "table", "paper", "handler", "house"
]
BY_HAND: Final = frozenset({"handler", "house"})
"""Places outside a draft: a program, and the tables of the installation."""
_FEEL: Final = tuple(setting for setting in SETTINGS if setting.input == "feel")
_CHECK: Final = re.compile(r"(?:check(?:_\d)?|shown_when)")
_EVERYWHERE: Final = frozenset({"options.from", "rows.from", "consent.asked_in"})
_OUTERMOST: Final = frozenset({"zone", "money.of", "money.receipt"})
"""Custom properties that name a question: an outermost one always, or of their own level."""
_TABLES: Final[Mapping[str, str]] = {
    "named_fields": "process.toml",
    "grants": "grants.toml",
    "parties": "parties.toml",
    "referrals": "referrals.toml",
    "reminders": "reminders.toml",
    "corrections": "corrections.toml",
    "task_pages": "task_pages.toml",
    "retention": RETENTION,
}
"""Attributes of the configuration that may name a key, and the file of each."""
_DONE: Final = re.compile(r"""^(done = )(["'])(.*)\2$""", re.MULTILINE)
"""An expression of a task's page."""
_NAMES_ANSWERS: Final = re.compile(r'^answer = .*$|^only_if = .*\bname = "[^"]*"', re.MULTILINE)
"""What of the plan of retention names answers; all else in it has ids of its own."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A place that asks for a key or reads it."""

    kind: Kind
    file: str
    """Name in the release, or of the table of the installation; of a handler its topic."""
    label: str
    """Swedish text of the question, name of the step or flow; empty when it has none."""
    element: str
    text: str
    """The expression, or what names the key."""

    @property
    def by_hand(self) -> bool:
        """Whether no change of the draft reaches it."""
        return self.kind in BY_HAND


def places_of(
    bundle: Bundle,
    key: str,
    topics: Mapping[str, Declaration],
    configuration: ProcessConfiguration,
) -> tuple[KeyPlace, ...]:
    """Every place of a draft, of the handlers that it names and of the installation that asks for a
    key of an outermost question or reads it.
    """
    found = [place for form in _forms(bundle) for place in _rename_in_form(form, key, key)]
    for name in bundle.under("workflows", ".bpmn"):
        found += _in_diagram(bundle, f"workflows/{name}", key)
    for name in bundle.under("workflows", ".dmn"):
        file = f"workflows/{name}"
        for use in uses_in_file(bundle.files[file], key, rules=True):
            found.append(KeyPlace("rule", file, use.label, use.element, use.text))
    for name in _changed_texts(bundle, key, key + "_"):
        kind: Kind = "table" if name.startswith(CONFIG) else "paper"
        found.append(KeyPlace(kind, name, "", "", key))
    return (*found, *_of_handlers(bundle, key, topics), *_of_tables(bundle, configuration, key))


def rename_key(
    bundle: Bundle, old: str, new: str, *, questions: bool = True
) -> dict[str, bytes | None]:
    """The files of a draft that change when an outermost question gets another key, everywhere.

    Args:
        questions: whether the questions themselves get it, or only what reads them.
    """
    changed: dict[str, bytes | None] = {}
    for form in _forms(bundle):
        if _rename_in_form(form, old, new, questions=questions):
            changed[form.name] = form.dump()
    for ending in (".bpmn", ".dmn"):
        for name, content in bundle.under("workflows", ending).items():
            renamed = renamed_in_file(content, old, new, rules=ending == ".dmn")
            if renamed != content:
                changed[f"workflows/{name}"] = renamed
    texts = _changed_texts(bundle, old, new)
    if not questions:
        texts.pop(TYPES, None)  # the table has the other name already
    return changed | texts


def asked_keys(bundle: Bundle) -> dict[str, list[str]]:
    """Every key of an outermost question to the forms that ask for it."""
    asked: dict[str, list[str]] = {}
    for form in _forms(bundle):
        for node in form.nodes():
            if not node.is_inside and (key := key_of(node.component)):
                asked.setdefault(key, []).append(form.id)
    return asked


def _forms(bundle: Bundle) -> Iterator[FormFile]:
    for name, content in bundle.under("forms", ENDING).items():
        try:
            yield read_form_file(content, f"{FOLDER}{name}")
        except BadDiagram:
            continue  # it has a finding of its own, and is not changed


def _rename_in_form(
    form: FormFile, old: str, new: str, *, questions: bool = True
) -> list[KeyPlace]:
    """Give a key another name in a form that is changed; returns where it stood."""
    found: list[KeyPlace] = []
    for node in form.nodes():
        label = str(node.component.get("label", ""))
        if key_of(node.component) == old and not node.is_inside and questions:
            node.component["key" if "key" in node.component else "path"] = new
            found.append(KeyPlace("question", form.name, label, old, ""))
        if not _is_shadowed(node, old):
            texts = _rename_in_component(node, old, new)
            found += [KeyPlace("condition", form.name, label, node.path, text) for text in texts]
    uses = form.content.get("x-uses")
    if isinstance(uses, dict) and old in uses:
        asks = any(key_of(n.component) == new and not n.is_inside for n in form.nodes())
        renamed = {new if key == old else key: kind for key, kind in uses.items()}
        form.content["x-uses"] = {k: v for k, v in renamed.items() if k != new or not asks}
        found.append(KeyPlace("form", form.name, str(form.content.get("x-title", "")), "", old))
    return found


def _is_shadowed(node: FormNode, name: str) -> bool:
    """Whether a key of a level around, further in than the outermost, has that name."""
    holders = (holder for holder in node.around if key_of(holder))
    return any(key_of(inner) == name for holder in holders for inner in holder["components"])


def _rename_in_component(node: FormNode, old: str, new: str) -> list[str]:
    component, texts = node.component, list[str]()
    for setting in _FEEL:
        text = setting.read(component)
        if positions_in_feel(text, old):
            texts.append(text)
            setting.write(component, renamed_in_feel(text, old, new))
    properties: Json = properties_of(component)
    for name, text in properties.items():
        if not isinstance(text, str):
            continue
        if _CHECK.fullmatch(name) and positions_in_feel(text, old):
            texts.append(text)
            properties[name] = renamed_in_feel(text, old, new)
        elif text == old and (name in _EVERYWHERE or (name in _OUTERMOST and not node.is_inside)):
            texts.append(text)
            properties[name] = new
    return texts


def _in_diagram(bundle: Bundle, file: str, key: str) -> Iterator[KeyPlace]:
    for use in uses_in_file(bundle.files[file], key):
        kind: Kind = "gateway" if use.kind == "sequenceFlow" else "step"
        yield KeyPlace(kind, file, use.label, use.element, use.text)


def _changed_texts(bundle: Bundle, old: str, new: str) -> dict[str, bytes | None]:
    """The table of routing names, the other tables and the papers, with another key."""
    header = re.compile(rf"^\[{re.escape(old)}(?=[\].])", re.MULTILINE)
    quoted = re.compile(rf'"{re.escape(old)}(?=["\[.])')
    changed: dict[str, bytes | None] = {}
    tables = [TYPES, *(CONFIG + file for file in _TABLES.values())]
    names = [*tables, *(f"{PAPERS}/{name}" for name in bundle.under(PAPERS, PAPER))]
    for name in (name for name in names if name in bundle.files):
        text = bundle.files[name].decode("utf-8", "replace")
        if name == TYPES:
            made = header.sub(f"[{new}", text)
        elif name == CONFIG + RETENTION:
            made = _NAMES_ANSWERS.sub(lambda line: quoted.sub(f'"{new}', line[0]), text)
        else:
            made = _DONE.sub(lambda found: _with_key(found, old, new), quoted.sub(f'"{new}', text))
        if made != text:
            changed[name] = made.encode()
    return changed


def _with_key(found: re.Match[str], old: str, new: str) -> str:
    return f"{found[1]}{found[2]}{renamed_in_feel(found[3], old, new)}{found[2]}"


def _of_handlers(bundle: Bundle, key: str, topics: Mapping[str, Declaration]) -> Iterator[KeyPlace]:
    drawn = {
        found.decode("utf-8", "replace")
        for content in bundle.under("workflows", ".bpmn").values()
        for found in TOPIC.findall(content)
    }
    for topic in sorted(drawn & topics.keys()):
        declared = topics[topic]
        if key in {*declared.reads, *declared.fields, *declared.answers}:
            yield KeyPlace("handler", topic, declared.summary, "", key)


def _of_tables(bundle: Bundle, configuration: ProcessConfiguration, key: str) -> Iterator[KeyPlace]:
    """Tables of the installation, which count for a release that has no such file."""
    for attribute, file in _TABLES.items():
        name = CONFIG + file
        if name not in bundle.files and _mentions(getattr(configuration, attribute), key):
            yield KeyPlace("house", name, "", "", key)


def _mentions(value: object, key: str) -> bool:
    """Whether a table names a key, or has an expression that reads it."""
    if isinstance(value, str):
        return value == key
    reads: Collection[str] = getattr(value, "reads", ())
    if key in reads:
        return True
    inner: Sequence[object] = ()
    if is_dataclass(value):
        inner = [getattr(value, one.name, None) for one in fields(value)]
    elif isinstance(value, Struct):
        inner = [getattr(value, name) for name in value.__struct_fields__]
    elif isinstance(value, Mapping):
        inner = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = list(value)
    return any(_mentions(one, key) for one in inner)
