"""The acts of the form editor: each reads what was typed, and gives the files that change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.errors import NotFound
from service.forms import LANGUAGES, SOURCE
from service.release.bundle import Bundle
from service.workshop.forms import form_changes
from service.workshop.forms.form_file import (
    FormFile,
    FormNode,
    Json,
    drop_words,
    is_heading,
    key_of,
    translate,
)
from service.workshop.forms.key_names import asked_keys, rename_key
from service.workshop.forms.kinds import HEADING, kind_of
from service.workshop.forms.question_panel import (
    Typed,
    has_options,
    hide_unless,
    shown_if,
    typed_rows,
)

HERE, EVERYWHERE = "here", "all"
"""How far a key is renamed: in this form alone, or wherever it is asked for and read."""


@dataclass(frozen=True, slots=True)
class FormEdit:
    """What an act of the editor comes to."""

    changed: Mapping[str, bytes | None] = field(default_factory=dict)
    at: str = ""
    """Address of the component that the page shows next."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Name of what was typed to the end of the key of a sentence; nothing has changed then."""


def save_question(form: FormFile, at: str, typed: Typed) -> FormEdit:
    """Write the texts, settings, options and checks of a component.

    Args:
        typed: `label.sv`, `set.<setting>`, `shown` (the settings that the page showed), `kind`,
            `shown_if`, `option.0.value`, `check.0.when`; what is not named stays.
    """
    made, node = _copy(form, at)
    component = node.component
    form_changes.write_texts(made, component, typed)
    settings = {name[4:]: text for name, text in typed.items() if name.startswith("set.")}
    written = typed.get("shown", "").split()
    chosen = typed.get("shown_if", "")
    if "shown_if" in typed and chosen != shown_if(component):
        settings["hide"] = hide_unless(made, chosen) if chosen else ""
        written.append("hide")
    kind = typed.get("kind", kind_of(component))
    wrong = form_changes.write_settings(component, settings, written, kind)
    if wrong:
        return FormEdit(at=at, faults={f"set.{name}": "fault_number" for name in wrong})
    if has_options(component) and any(name.startswith("option.") for name in typed):
        rows = typed_rows(typed, "option", ("was", "value", *LANGUAGES))
        form_changes.write_options(made, component, rows)
    if any(name.startswith("check.") for name in typed):
        form_changes.write_checks(component, typed_rows(typed, "check", ("when", *LANGUAGES)))
    return _edit(form, made, component)


def move_question(form: FormFile, at: str, *, down: bool) -> FormEdit:
    """Move a component one place up or down."""
    made, node = _copy(form, at)
    form_changes.move(made, node, down=down)
    return _edit(form, made, node.component)


def move_option(form: FormFile, at: str, typed: Typed, number: int, step: int) -> FormEdit:
    """Save a question with one of its options one place up or down."""
    rows = list(typed_rows(typed, "option", ("was", "value", *LANGUAGES)))
    if 0 <= number < len(rows) and 0 <= number + step < len(rows):
        rows.insert(number + step, rows.pop(number))
    others = {name: text for name, text in typed.items() if not name.startswith("option.")}
    listed = {
        f"option.{n}.{part}": text for n, row in enumerate(rows) for part, text in row.items()
    }
    return save_question(form, at, {**others, **listed})


def add_question(form: FormFile, at: str, typed: Typed) -> FormEdit:
    """Add a component behind another, or in it where it holds questions.

    Args:
        at: empty adds it at the end.
        typed: `kind`, `label.<lang>`, `key` (made of the text where it is empty), `class`, and
            `where`, `inside` or not.
    """
    made = form.copy()
    node = made.find(at)
    if at and node is None:
        raise NotFound
    kind = typed.get("kind", "")
    inside = node is not None and (
        typed.get("where") == "inside" or (is_heading(node.component) and kind != HEADING)
    )
    holder = node if inside and node is not None and not is_heading(node.component) else None
    taken = _level_keys(holder) if holder is not None else form_changes.taken_keys(made, node)
    texts = {lang: typed.get(f"label.{lang}", "").strip() for lang in LANGUAGES}
    key = typed.get("key", "").strip()
    faults = {} if texts[SOURCE] else {f"label.{SOURCE}": "fault_text"}
    if key and (fault := key_fault(key, taken)):
        faults["key"] = fault
    if faults:
        return FormEdit(at=at, faults=faults)
    key = key or form_changes.key_from(texts[LANGUAGES[1]] or texts[SOURCE], taken)
    component = form_changes.add(
        made,
        node,
        kind=kind,
        texts=texts,
        key=key,
        data_class=typed.get("class", "C1"),
        inside=inside,
    )
    return _edit(form, made, component)


def take_out_question(form: FormFile, at: str) -> FormEdit:
    """Take a component out of a form; the page shows the one before it next."""
    made, node = _copy(form, at)
    addresses = list(made.by_address())
    before = addresses[max(addresses.index(at) - 1, 0)]
    form_changes.take_out(made, node)
    return FormEdit(_changed(form, made), before if made.find(before) else "")


def replace_key(bundle: Bundle, edit: FormEdit, old: str, new: str) -> FormEdit:
    """Add to an edit the renaming of a key wherever the draft reads it."""
    files = {name: content for name, content in edit.changed.items() if content is not None}
    renamed = rename_key(Bundle({**bundle.files, **files}), old, new, questions=False)
    return FormEdit({**edit.changed, **renamed}, edit.at)


def rename_question(bundle: Bundle, form: FormFile, at: str, key: str, scope: str) -> FormEdit:
    """Give a question another key: in this form alone, or wherever it is asked for and read."""
    made, node = _copy(form, at)
    component, old = node.component, key_of(node.component)
    asked = asked_keys(bundle) if not node.is_inside else {}
    taken = form_changes.taken_keys(made, node) - {old}
    if fault := key_fault(key, taken):
        return FormEdit(at=at, faults={"key": fault})
    if scope == EVERYWHERE and key in asked and key != old:
        return FormEdit(at=at, faults={"key": "fault_key_asked"})
    if key == old:
        return FormEdit(at=at)
    if scope == EVERYWHERE and not node.is_inside:
        return FormEdit(rename_key(bundle, old, key), at)
    component["key" if "key" in component else "path"] = key
    return _edit(form, made, component)


def save_form(form: FormFile, typed: Typed, kinds: Mapping[str, str]) -> FormEdit:
    """Write the title of a form, its purpose, and the earlier answers that it reads.

    Args:
        typed: `title.<lang>`, `purpose`, `fresh`, `uses` (keys, one a line or parted by spaces).
        kinds: key to the kind of its answer, of the questions of other forms.
    """
    made = form.copy()
    content = made.content
    title = typed.get(f"title.{SOURCE}", "").strip()
    if not title:
        return FormEdit(faults={f"title.{SOURCE}": "fault_text"})
    old = str(content.get("x-title", ""))
    if title != old:
        content["x-title"] = title
        drop_words(made, old)
    for lang in LANGUAGES[1:]:
        translate(made, title, lang, typed.get(f"title.{lang}", "").strip())
    _write(content, "x-purpose", typed.get("purpose", "").strip())
    _write(content, "x-fresh", typed.get("fresh") == "yes")
    kept = content.get("x-uses")
    before = kept if isinstance(kept, dict) else {}
    wanted = typed.get("uses", "").replace(",", " ").split()
    if unknown := [key for key in wanted if key not in before and key not in kinds]:
        return FormEdit(faults={"uses": "fault_uses:" + ", ".join(unknown)})
    uses = {key: before.get(key) or kinds[key] for key in wanted}
    if uses != before:
        _write(content, "x-uses", uses)
    return FormEdit(_changed(form, made))


def _write(content: Json, name: str, value: object) -> None:
    if not value:
        content.pop(name, None)
    elif content.get(name) != value:
        content[name] = value


def key_fault(key: str, taken: set[str]) -> str:
    """What is wrong with a key that was typed, as the end of the key of a sentence."""
    if not form_changes.KEY.fullmatch(key):
        return "fault_key"
    return "fault_key_taken" if key in taken else ""


def _level_keys(holder: FormNode) -> set[str]:
    inner = holder.component.get("components")
    return {key_of(one) for one in inner if isinstance(one, dict)} if inner else set()


def _copy(form: FormFile, at: str) -> tuple[FormFile, FormNode]:
    made = form.copy()
    node = made.find(at)
    if node is None:
        raise NotFound
    return made, node


def _edit(before: FormFile, after: FormFile, component: Json) -> FormEdit:
    addresses = after.by_address().items()
    at = next((address for address, node in addresses if node.component is component), "")
    return FormEdit(_changed(before, after), at)


def _changed(before: FormFile, after: FormFile) -> dict[str, bytes | None]:
    content = after.dump()
    return {after.name: content} if content != before.dump() else {}
