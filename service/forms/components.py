"""Read the components of a form-js file, each into one `Field`.

What is wrong with a component becomes findings; nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import TypeAlias

from service.errors import Finding
from service.forms.field_rules import field_faults
from service.forms.fields import AnswerLimits, Check, Condition, Feel, Field, Option

Component: TypeAlias = Mapping[str, object]

KINDS: Mapping[str, tuple[str, ...]] = {
    "textfield": ("text", "date", "datetime"),
    "textarea": ("longtext",),
    "number": ("number",),
    "radio": ("choice", "yesno", "number"),
    "select": ("choice", "number", "country", "language", "office", "municipality"),
    "checklist": ("choices",),
    "taglist": ("choices",),
    "dynamiclist": ("list",),
    "group": ("group", "money", "consent"),
    "filepicker": ("file",),
    "expression": ("text", "number", "money", "date", "datetime", "yesno", "choice", "choices"),
    "text": ("paragraph",),
}
"""form-js component to the kinds it may stand for; the first is meant where the property `as` is
missing."""

BUILT_IN = frozenset({"consents", "before", "rates"})
"""Names that every expression may read: live purposes, all earlier answers of a key as a list,
currency rates."""

HOLDERS = frozenset({"list", "group", "money", "consent"})
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
CONDITIONS = (
    "shown_when",
    "required_when",
    "proposed",
    "not_before",
    "not_after",
    "currency",
    "hint_when",
    "offer_when",
)
OF_ANSWERS = "as class routing purpose headline buttons binds keep fresh when_hidden"
OF_CONSENTS = "consent consent.given_by information information.language"
OF_LISTS = "rule rule.in rule.out min_rows max_rows rows.from rows.key row_id"
OF_OPTIONS = "options.from options.label options.live options.value alone all_required must_be"
OF_PAGES = "group no_identity offer index unit zone money money.of money.receipt money.each"
KNOWN = frozenset(
    {
        *CONDITIONS,
        *OF_ANSWERS.split(),
        *OF_CONSENTS.split(),
        *OF_LISTS.split(),
        *OF_OPTIONS.split(),
        *OF_PAGES.split(),
    }
)
"""Custom properties that a field may have, besides those of its checks."""
PATTERNS = re.compile(r"(?:check|check_text|check_\d|check_text_\d|hint)(?:\.[a-z]{2})?")


@dataclass
class ComponentReader:
    """Reads the components of one file and gathers their findings."""

    file: str
    feel: Feel
    purpose: str
    fresh: bool = False
    """Whether no field of the form shows an earlier answer, unless it says so."""
    findings: list[Finding] = attribute(default_factory=list)

    def find(
        self,
        code: str,
        element: str,
        message: str,
        *,
        severity: str = "E",
        prop: str = "",
        **facts: object,
    ) -> None:
        self.findings.append(
            Finding(code, severity, self.file, element, message, prop=prop, facts=facts)
        )

    def fields(
        self, components: Iterable[Component], names: Collection[str], above: Field | None = None
    ) -> tuple[Field, ...]:
        """The fields of one level.

        `names` is what expressions of the level around may read; this level's own keys are added.
        """
        parts = [mapping(component) for component in components]
        keys = [key_of(c) for c in parts if key_of(c)]
        if above is not None:
            self.once(keys)
        inside = frozenset(names) | set(keys)
        fields = (self.field_of(component, inside, above) for component in parts)
        return tuple(field for field in fields if field is not None)

    def once(self, keys: list[str]) -> None:
        """Find keys that stand more than once on their level."""
        for key in sorted({k for k in keys if keys.count(k) > 1}):
            self.find("F108", key, f"The key {key} stands twice.", key=key)

    def field_of(
        self, component: Component, names: Collection[str], above: Field | None
    ) -> Field | None:
        """The field of one component; None for what only decorates, or cannot be used."""
        shape = str(component.get("type", ""))
        if shape in ("separator", "spacer"):
            return None
        place = key_of(component) or str(component.get("id", "")) or shape
        if shape not in KINDS:
            sentence = f"A form may not hold a component of type {shape!r}."
            self.find("F106", place, sentence, type=shape)
            return None
        properties = self.properties(component, place)
        kind = properties.get("as", KINDS[shape][0])
        if kind not in KINDS[shape]:
            sentence = f"A {shape} cannot be read as {kind!r}."
            self.find("F115", place, sentence, prop="as", value=kind)
            return None
        if kind == "paragraph":
            return Field("", "paragraph", str(component.get("text", "")), data_class="C0")
        if not KEY.fullmatch(key_of(component)):
            self.find(
                "F107", place, "A field needs a key: a letter, then letters, digits or underscores."
            )
            return None
        made = self.build(component, kind, properties, names, above)
        for fault in field_faults(made, nested=above is not None):
            facts = {} if fault.value is None else {"value": fault.value}
            self.find(fault.code, made.key, fault.message, prop=fault.prop, **facts)
        return made

    def properties(self, component: Component, place: str) -> dict[str, str]:
        """The custom properties; every value must be text, every name known."""
        given = component.get("properties") or {}
        if not isinstance(given, Mapping):
            self.find("F115", place, "Properties must be names with texts.")
            return {}
        for name, value in given.items():
            if not isinstance(value, str):
                self.find("F115", place, f"The property {name} must be a text.", prop=name)
            if name not in KNOWN and not PATTERNS.fullmatch(name):
                sentence = f"The property {name} means nothing here."
                self.find("F116", place, sentence, severity="W", prop=name)
        return {n: v for n, v in given.items() if isinstance(v, str)}

    def build(  # long: one attribute of the field a line
        self,
        component: Component,
        kind: str,
        given: Mapping[str, str],
        names: Collection[str],
        above: Field | None,
    ) -> Field:
        key = key_of(component)
        validate = mapping(component.get("validate"))
        inherited = above or Field("", "", "", purpose=self.purpose, fresh=self.fresh)
        ruled = above is not None and any(key in outputs for _, outputs in above.rule_calls)
        if component.get("type") == "expression" and not component.get("expression") and not ruled:
            self.find("F119", key, "A computed field needs an expression.")
        hide = str(mapping(component.get("conditional")).get("hide", ""))
        others = {n: self.compile(given.get(n, ""), names, key, n) for n in CONDITIONS[2:]}
        base = Field(
            key,
            kind,
            str(component.get("label", "")),
            help=str(component.get("description", "")),
            data_class=given.get("class", inherited.data_class if above else ""),
            group=given.get("group", inherited.group),
            purpose=given.get("purpose", inherited.purpose),
            required=validate.get("required") is True,
            routing=given.get("routing") == "yes",
            headline=given.get("headline") == "yes",
            buttons=given.get("buttons") == "yes",
            binds=given.get("binds", ""),
            multiple=component.get("multiple") is True,
            fresh=given.get("fresh", "yes" if inherited.fresh else "no") == "yes",
            options=self.options(component, key),
            limits=self.limits(component, kind, given, validate),
            ruled=ruled,
            computed=self.compile(str(component.get("expression", "")), names, key, "expression"),
            shown_when=self.compile(given.get("shown_when", ""), names, key, "shown_when"),
            hidden_when=self.compile(hide, names, key, "hide"),
            required_when=self.compile(given.get("required_when", ""), names, key, "required_when"),
            feel={name: condition for name, condition in others.items() if condition},
            checks=self.checks(given, names, key),
            properties=given,
        )
        if kind not in HOLDERS or component.get("type") == "expression":
            return base
        inner = component.get("components") or ()
        components = inner if isinstance(inner, list) else ()
        return replace(base, fields=self.fields(components, names, base))

    def options(self, component: Component, key: str) -> tuple[Option, ...]:
        """The values of a choice, each with a label and only once."""
        given = component.get("values") or ()
        made: list[Option] = []
        for item in given if isinstance(given, list) else ():
            value, label = str(mapping(item).get("value", "")), str(mapping(item).get("label", ""))
            if not value or not label:
                sentence = f"Every option needs a value and a label ({value or label or 'empty'})."
                self.find("F112", key, sentence, value=value)
            elif value in {o.value for o in made}:
                self.find("F112", key, f"The option {value} stands twice.", value=value)
            else:
                made.append(Option(value, label))
        return tuple(made)

    def limits(
        self, component: Component, kind: str, given: Mapping[str, str], validate: Component
    ) -> AnswerLimits:
        longest = {"text": 200, "longtext": 1000}.get(kind)
        made = AnswerLimits(
            least=whole(validate.get("min")),
            most=whole(validate.get("max")),
            shortest=whole(validate.get("minLength")),
            longest=whole(validate.get("maxLength")) or longest,
            decimals=whole(component.get("decimalDigits")) or 0,
            fewest_rows=whole(given.get("min_rows")) or 0,
            most_rows=whole(given.get("max_rows")) or (10 if kind in ("list", "file") else 1),
        )
        for low, high in (
            (made.least, made.most),
            (made.shortest, made.longest),
            (made.fewest_rows, made.most_rows),
        ):
            if low is not None and high is not None and low > high:
                sentence = f"The least ({low}) is more than the most ({high})."
                self.find("F117", key_of(component), sentence, low=low, high=high)
        return made

    def checks(
        self, given: Mapping[str, str], names: Collection[str], key: str
    ) -> tuple[Check, ...]:
        """The conditions `check`, `check_2`, each with its sentences (`check_text_2.sv`)."""
        made = []
        for name in sorted(n for n in given if re.fullmatch(r"check(_\d)?", n)):
            stem = name.replace("check", "check_text")
            words = {n.rpartition(".")[2]: v for n, v in given.items() if n.startswith(stem + ".")}
            condition = self.compile(given[name], names, key, name)
            if not words.get("sv"):
                sentence = f"{name} has no sentence to say when it fails ({stem}.sv)."
                self.find("F111", key, sentence, prop=name)
            if condition:
                made.append(Check(condition, words))
        return tuple(made)

    def compile(self, text: str, names: Collection[str], key: str, prop: str) -> Condition | None:
        """Compile an expression; None for none, and for one that fails, which becomes a finding."""
        if not (text := text.removeprefix("=").strip()):
            return None
        try:
            return self.feel(text, names)
        except Exception as error:
            # the compiler's own error belongs to the engine, which this package does not know
            if not hasattr(error, "position"):
                raise
            code, place = str(getattr(error, "code", "")), error.position
            sentence = f"{prop}: {error}"
            self.find("F113", key, sentence, prop=prop, position=place, feel=code, text=text)
            return None


def mapping(value: object) -> Component:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def whole(value: object) -> int | None:
    """A whole number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return int(value) if isinstance(value, int) or re.fullmatch(r"-?\d{1,6}", value) else None


def key_of(component: Component) -> str:
    """The key of a component; groups and lists call it `path`."""
    return str(component.get("key") or component.get("path") or "")


def is_section(component: Component) -> bool:
    """Whether a component is a heading only: a group without a path."""
    return component.get("type") == "group" and not component.get("path")
