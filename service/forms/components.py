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
from service.forms.conditions import OLDER, Names, hiding
from service.forms.field_rules import (
    CONDITIONS,
    HOLDERS,
    KEY,
    KINDS,
    KNOWN,
    PATTERNS,
    field_faults,
)
from service.forms.fields import AnswerLimits, Check, Condition, Feel, Field, Option
from service.forms.form_findings import finding

Component: TypeAlias = Mapping[str, object]


@dataclass
class ComponentReader:
    """Reads the components of one file and gathers their findings."""

    file: str
    feel: Feel
    purpose: str
    fresh: bool = False
    """Whether no field of the form shows an earlier answer, unless it says so."""
    purposes: Collection[str] | None = None  # as of `inspect_form`
    findings: list[Finding] = attribute(default_factory=list)
    prefix: str = ""
    """What the paths of the fields begin with that are read now: `contact.` inside that group."""

    def find(self, key: str, element: str, /, *, prop: str = "", **facts: object) -> None:
        """Add a finding about a field of the level that is read now; `key` is one of
        `sentences.SENTENCES`.
        """
        self.findings.append(finding(key, self.file, self.prefix + element, facts, prop=prop))

    def fields(
        self, components: Iterable[Component], names: Names, above: Field | None = None
    ) -> tuple[Field, ...]:
        """The fields of one level.

        `names` is what expressions of the level around may read; inside another field, this level's
        own keys are added.
        """
        parts = [mapping(component) for component in components]
        if above is not None:
            keys = [key_of(c) for c in parts if key_of(c)]
            self.once(keys)
            names = names.inside(keys, row=above.kind == "list")
        fields = (self.field_of(component, names, above) for component in parts)
        return tuple(field for field in fields if field is not None)

    def once(self, keys: list[str]) -> None:
        """Find keys that stand more than once on their level."""
        for key in sorted({k for k in keys if keys.count(k) > 1}):
            self.find("F108", key, key=key)

    def field_of(self, component: Component, names: Names, above: Field | None) -> Field | None:
        """The field of one component; None for what only decorates, or cannot be used."""
        shape = str(component.get("type", ""))
        if shape in ("separator", "spacer"):
            return None
        place = key_of(component) or str(component.get("id", "")) or shape
        if shape not in KINDS:
            self.find("F106", place, type=shape)
            return None
        properties = self.properties(component, place)
        kind = properties.get("as", KINDS[shape][0])
        if kind not in KINDS[shape]:
            self.find("F115.kind", place, prop="as", type=shape, value=kind)
            return None
        if kind == "paragraph":
            return Field("", "paragraph", str(component.get("text", "")), data_class="C0")
        if not KEY.fullmatch(key_of(component)):
            self.find("F107", place)
            return None
        made = self.build(component, kind, properties, names, above)
        for fault in field_faults(made, nested=above is not None, purposes=self.purposes):
            self.find(fault.key, made.key, prop=fault.prop, **fault.facts)
        return made

    def properties(self, component: Component, place: str) -> dict[str, str]:
        """The custom properties; every value must be text, every name known."""
        given = component.get("properties") or {}
        if not isinstance(given, Mapping):
            self.find("F115.properties", place)
            return {}
        for name, value in given.items():
            if not isinstance(value, str):
                self.find("F115.text", place, prop=name)
            if name not in KNOWN and not PATTERNS.fullmatch(name):
                self.find("F116", place, prop=name)
        return {n: v for n, v in given.items() if isinstance(v, str)}

    def build(
        self,
        component: Component,
        kind: str,
        given: Mapping[str, str],
        names: Names,
        above: Field | None,
    ) -> Field:
        key = key_of(component)
        validate = mapping(component.get("validate"))
        inherited = above or Field("", "", "", purpose=self.purpose, fresh=self.fresh)
        ruled = above is not None and any(key in outputs for _, outputs in above.rule_calls)
        if component.get("type") == "expression" and not component.get("expression") and not ruled:
            self.find("F119", key)
        hide = bare(str(mapping(component.get("conditional")).get("hide", "")))
        own, required_when = names.own, given.get("required_when", "")
        others = {n: self.compile(given.get(n, ""), own, key, n) for n in CONDITIONS}
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
            fresh=given.get("fresh", "yes" if inherited.fresh else "no") == "yes"
            or given.get("judgement") == "yes",
            options=self.options(component, key),
            limits=self.limits(component, kind, given, validate),
            ruled=ruled,
            computed=self.compile(str(component.get("expression", "")), own, key, "expression"),
            hidden_when=self.hidden_when(key, hide, bare(given.get(OLDER, "")), names),
            required_when=self.compile(required_when, own, key, "required_when"),
            feel={name: condition for name, condition in others.items() if condition},
            checks=self.checks(given, own, key),
            properties={**given, "hide": hide} if hide else given,
        )
        if kind not in HOLDERS or component.get("type") == "expression":
            return base
        inner = component.get("components") or ()
        components = inner if isinstance(inner, list) else ()
        outside, self.prefix = self.prefix, f"{self.prefix}{key}."
        fields = self.fields(components, names, base)
        self.prefix = outside
        return replace(base, fields=fields)

    def hidden_when(self, key: str, hide: str, older: str, names: Names) -> Condition | None:
        """The condition that hides a field, whichever property of the file says it."""
        condition = self.compile(hide, names.shown, key, "hide")
        for name, part in names.unknown_parts(hide) if condition else ():
            self.find("F113.part", key, prop="hide", part=part, name=name, text=hide)
        if not older:
            return condition
        self.find("F121", key, prop=OLDER, text=older)
        if self.compile(older, names.own, key, OLDER) is None:
            return condition
        return self.compile(hiding(hide, older), names.own | names.shown, key, OLDER)

    def options(self, component: Component, key: str) -> tuple[Option, ...]:
        """The values of a choice, each with a label and only once."""
        given = component.get("values") or ()
        made: list[Option] = []
        for item in given if isinstance(given, list) else ():
            value = code_of(mapping(item).get("value"))
            label = str(mapping(item).get("label", ""))
            if not value or not label:
                self.find("F112.option", key, value=value or label or "–")
            elif value in {o.value for o in made}:
                self.find("F112.twice", key, value=value)
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
                self.find("F117", key_of(component), low=low, high=high)
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
                self.find("F111.sentence", key, prop=name)
            if condition:
                made.append(Check(condition, words))
        return tuple(made)

    def compile(self, text: str, names: Collection[str], key: str, prop: str) -> Condition | None:
        """Compile an expression; None for none, and for one that fails, which becomes a finding."""
        if not (text := bare(text)):
            return None
        try:
            return self.feel(text, names)
        except Exception as error:
            # the compiler's own error belongs to the engine, which this package does not know
            if not hasattr(error, "position"):
                raise
            facts = dict(getattr(error, "facts", {}))
            why, place = str(getattr(error, "why", "")), error.position
            facts |= {"why": why, "reason": str(error), "character": place + 1, "position": place}
            facts |= {"feel": str(getattr(error, "code", "")), "text": text}
            self.find("F113", key, prop=prop, **facts)
            return None


def bare(text: str) -> str:
    """An expression without the sign with which form-js marks it."""
    return text.removeprefix("=").strip()


def code_of(value: object) -> str:
    """The value of an option as an answer sends it; form-js writes a yes or no as a boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else ""


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


def key_set(components: Iterable[Component]) -> frozenset[str]:
    """The keys of some components."""
    return frozenset(key_of(component) for component in components if key_of(component))


def is_section(component: Component) -> bool:
    """Whether a component is a heading only: a group without a path."""
    return component.get("type") == "group" and not component.get("path")
