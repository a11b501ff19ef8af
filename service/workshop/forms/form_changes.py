"""Changes of a form: components are moved, taken out and added; texts, settings, options and checks
of one are written.

Each changes the `FormFile` that it is handed in place, and nothing in it but what was changed.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from service.errors import NotFound
from service.forms import LANGUAGES, SOURCE, TRANSLATIONS
from service.workshop.forms.form_file import (
    FormFile,
    FormNode,
    Json,
    drop_words,
    is_heading,
    key_of,
    properties_of,
    replace_text,
    texts_of,
    translate,
)
from service.workshop.forms.kinds import HEADING, INSIDE, TEMPLATES, WORDS, change_kind
from service.workshop.forms.question_settings import NAMES

KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
MOST_CHECKS: Final = 9
"""Most checks of one question: the file numbers them with one digit."""


def move(form: FormFile, node: FormNode, *, down: bool) -> None:
    """Move a component one place among those that it stands with; the first or last question of a
    heading goes into the heading next to it.
    """
    siblings, number = form.siblings(node), node.place[-1]
    other = number + (1 if down else -1)
    if 0 <= other < len(siblings):
        siblings.insert(other, siblings.pop(number))
        return
    if not node.around or not is_heading(node.around[-1]):
        return
    level: list[Json] = (node.around[-2] if len(node.around) > 1 else form.content)["components"]
    neighbour = node.place[-2] + (1 if down else -1)
    if 0 <= neighbour < len(level) and is_heading(level[neighbour]):
        target: list[Json] = level[neighbour]["components"]
        target.insert(0 if down else len(target), siblings.pop(number))


def take_out(form: FormFile, node: FormNode) -> None:
    """Take a component out, with all that stands in it, and the translations that go with it."""
    texts = texts_of(node.component)
    texts += [
        text
        for other in form.nodes()
        if other.place[: len(node.place)] == node.place
        for text in texts_of(other.component)
    ]
    form.siblings(node).pop(node.place[-1])
    for text in dict.fromkeys(texts):
        drop_words(form, text)


def add(
    form: FormFile,
    after: FormNode | None,
    *,
    kind: str,
    texts: Mapping[str, str],
    key: str,
    data_class: str,
    inside: bool = False,
) -> Json:
    """Add a component behind another, or inside it as the first; returns it.

    Args:
        after: None adds it at the end of the form.
        kind: of `TEMPLATES`.
        texts: language to the text that people read.
        key: that no other component of the level has; not used by a heading or a paragraph.
        inside: the other is a group, list or heading that shall hold it.
    Raises:
        NotFound: there is no such kind, or it may not stand there.
    """
    holder = after.component if after is not None and inside else None
    within = holder is not None and not is_heading(holder)
    within = within or (after is not None and after.is_inside)
    if kind not in TEMPLATES or (within and kind not in INSIDE):
        raise NotFound
    made = _made(form, kind, texts.get(SOURCE, ""), key, data_class)
    for lang in TRANSLATIONS:
        translate(form, texts.get(SOURCE, ""), lang, texts.get(lang, ""))
        for text in _inner_texts(made):
            if not form.say(text, lang):
                translate(form, text, lang, WORDS.get(text, ""))
    if kind == HEADING:
        level = form.content["components"]
        level.insert(after.place[0] + 1 if after is not None else len(level), made)
    elif holder is not None:
        holder.setdefault("components", []).insert(0, made)
    elif after is not None:
        form.siblings(after).insert(after.place[-1] + 1, made)
    else:
        _last_level(form).append(made)
    return made


def _last_level(form: FormFile) -> list[Json]:
    """Where a new question goes at the end of the form: into the last heading, if there is one."""
    level: list[Json] = form.content["components"]
    if level and is_heading(level[-1]):
        inner: list[Json] = level[-1].setdefault("components", [])
        return inner
    return level


def _made(form: FormFile, kind: str, label: str, key: str, data_class: str) -> Json:
    template = copy.deepcopy(dict(TEMPLATES[kind]))
    made: Json = {"type": template.pop("type")}
    properties = template.pop("properties", {})
    components = template.pop("components", None)
    if kind == "paragraph":
        made["text"] = label
    elif kind == HEADING:
        made["label"] = label
    else:
        made["path" if made["type"] in ("group", "dynamiclist") else "key"] = key
        made["label"] = label
        properties = {"class": data_class, **properties}
    made |= {name: list(value) if name == "values" else value for name, value in template.items()}
    if properties:
        made["properties"] = properties
    if components is not None:
        for inner in components:
            inner["id"] = new_id(form, f"{key}_{inner['key']}")
        made["components"] = components
    made["id"] = new_id(form, key if kind not in (HEADING, "paragraph") else kind)
    return made


def _inner_texts(component: Json) -> list[str]:
    values = component.get("values") or []
    texts = [str(value.get("label", "")) for value in values]
    for inner in component.get("components") or []:
        texts += [str(inner.get("label", "")), *_inner_texts(inner)]
    return texts


def new_id(form: FormFile, name: str) -> str:
    """An id for a component that no other of the form has."""
    taken = {str(node.component.get("id", "")) for node in form.nodes()}
    start = made = f"Field_{form.id}_{name}"
    number = 2
    while made in taken:
        made, number = f"{start}{number}", number + 1
    return made


def key_from(text: str, taken: Collection[str]) -> str:
    """A key made of the first words of a text, which is not taken: `phoneNumber`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)[:4] or ["question"]
    joined = words[0].lower() + "".join(word[:1].upper() + word[1:].lower() for word in words[1:])
    start = made = joined[:40] if joined[0].isalpha() else f"q{joined[:40]}"
    number = 2
    while made in taken:
        made, number = f"{start}{number}", number + 1
    return made


def taken_keys(form: FormFile, node: FormNode | None) -> set[str]:
    """The keys of the level that a component stands on, or of the outermost."""
    if node is not None and node.is_inside:
        return {key_of(component) for component in form.siblings(node)}
    return {key_of(other.component) for other in form.nodes() if not other.is_inside}


def write_texts(form: FormFile, component: Json, typed: Mapping[str, str]) -> None:
    """Write label, help or words of a component in every language.

    Args:
        typed: `label.sv`, `label.en`, `description.sv` … to what was typed; what is not named
            stays.
    """
    for name in ("label", "description", "text"):
        if f"{name}.{SOURCE}" not in typed:
            continue
        text = typed[f"{name}.{SOURCE}"].strip()
        if text != str(component.get(name, "")):
            replace_text(form, component, name, text)
        for lang in TRANSLATIONS:
            if f"{name}.{lang}" in typed:
                translate(form, text, lang, typed[f"{name}.{lang}"].strip())


def write_settings(
    component: Json, typed: Mapping[str, str], shown: Collection[str], kind: str
) -> list[str]:
    """Write the settings of a question; returns the names of those that should be a whole number
    and are not.

    Args:
        typed: setting to what was typed; one that was shown and is missing is switched off.
        kind: what the question becomes, of the kinds that are like its own.
    """
    change_kind(component, kind)
    wrong = []
    for name in (name for name in shown if name in NAMES):
        setting, text = NAMES[name], typed.get(name, "").strip()
        if setting.input == "number" and text and not re.fullmatch(r"-?\d{1,6}", text):
            wrong.append(name)
        else:
            setting.write(component, text)
    return wrong


def write_options(form: FormFile, component: Json, typed: Sequence[Mapping[str, str]]) -> None:
    """Write the options of a choice in this order; a row without words and code goes.

    Args:
        typed: of each row the code that it had (`was`), `value`, and its words by language.
    """
    given = component.get("values")
    before = [v for v in given if isinstance(v, dict)] if isinstance(given, list) else []
    made = _options(before, typed)
    if made != before:
        component["values"] = made
        kept = {value.get("label") for value in made}
        gone = [str(old.get("label", "")) for old in before if old.get("label") not in kept]
        for text in gone:
            drop_words(form, text)
    for row in typed:
        for lang in (lang for lang in TRANSLATIONS if lang in row):
            translate(form, row.get(SOURCE, "").strip(), lang, row[lang].strip())


def _options(before: Sequence[Json], typed: Sequence[Mapping[str, str]]) -> list[Json]:
    by_code = {_code(value.get("value")): value for value in before}
    made: list[Json] = []
    for row in typed:
        label = row.get(SOURCE, "").strip()
        code = row.get("value", "").strip()
        if not label and not code:
            continue
        option = by_code.get(row.get("was", "")) or {"label": "", "value": None}
        taken = {_code(value.get("value")) for value in made}
        code = code or code_from(row.get(TRANSLATIONS[0], "").strip() or label, taken)
        value = option.get("value") if _code(option.get("value")) == code else code
        made.append({**option, "label": label, "value": value})
    return made


def code_from(text: str, taken: Collection[str]) -> str:
    """The code of an option, made of its text: `NOT_NOW`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    start = made = re.sub(r"[^A-Z0-9]+", "_", plain).strip("_")[:40] or "OPTION"
    number = 2
    while made in taken:
        made, number = f"{start}_{number}", number + 1
    return made


def _code(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def checks_of(component: Json) -> list[dict[str, str]]:
    """The checks of a question: condition (`when`), and its sentence by language."""
    properties = properties_of(component)
    names = sorted(name for name in properties if re.fullmatch(r"check(?:_\d)?", name))
    return [
        {
            "when": str(properties[name]),
            **{lang: str(properties.get(_sentence(name, lang), "")) for lang in LANGUAGES},
        }
        for name in names
    ]


def write_checks(component: Json, typed: Sequence[Mapping[str, str]]) -> None:
    """Write the checks of a question, unless they stand there already; an empty row goes."""
    wanted = [
        {name: row.get(name, "").strip() for name in ("when", *LANGUAGES)}
        for row in typed
        if any(row.get(name, "").strip() for name in ("when", *LANGUAGES))
    ][:MOST_CHECKS]
    if wanted == checks_of(component):
        return
    kept = {
        name: value
        for name, value in properties_of(component).items()
        if not re.fullmatch(r"check(?:_text)?(?:_\d)?(?:\.[a-z]{2})?", name)
    }
    for number, row in enumerate(wanted, 1):
        name = "check" if number == 1 else f"check_{number}"
        kept[name] = row["when"]
        kept |= {_sentence(name, lang): row[lang] for lang in LANGUAGES if row[lang]}
    if kept:
        component["properties"] = kept
    else:
        component.pop("properties", None)


def _sentence(check: str, lang: str) -> str:
    return f"{check.replace('check', 'check_text')}.{lang}"
