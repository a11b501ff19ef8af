"""One component of a form-js file becomes one `Field`.

What is wrong with it becomes findings; nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from service.errors import Finding
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

STEERS = frozenset({"choice", "choices", "yesno", "number", "date", "datetime"})
PURPOSES = frozenset(
    {
        "REFER",
        "PARTICIPATE",
        "SHARE_LOCAL_OFFICE",
        "SHARE_HEALTH",
        "CONTACT_FAMILY",
        "FEEDBACK_SE",
        "FOLLOW_UP",
        "STATISTICS",
    }
)
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
KNOWN = frozenset(
    {
        *CONDITIONS, "as", "class", "routing", "purpose", "group", "headline", "buttons", "binds", "keep", "consent", "consent.given_by", "fresh",
        "rule", "rule.in", "rule.out", "min_rows", "max_rows", "rows.from", "rows.key", "options.from", "options.label", "alone", "all_required", "must_be",
        "no_identity", "when_hidden", "offer", "index", "unit",
    }
)  # fmt: skip
PATTERNS = re.compile(r"(?:check|check_text|check_\d|check_text_\d|hint)(?:\.[a-z]{2})?")


@dataclass
class ComponentReader:
    """Gathers the findings of one file while its components are read."""

    file: str
    feel: Feel
    purpose: str
    fresh: bool = False
    """Whether no field of the form shows an earlier answer, unless it says so."""
    findings: list[Finding] = field(default_factory=list)

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
        parts = list(components)
        keys = [key_of(c) for c in parts if key_of(c)]
        if above is not None:
            self.once(keys)
        inside = frozenset(names) | set(keys)
        return tuple(one for c in parts if (one := self.one(c, inside, above)) is not None)

    def once(self, keys: list[str]) -> None:
        """A key has one meaning: it stands once on its level."""
        for key in sorted({k for k in keys if keys.count(k) > 1}):
            self.find("F108", key, f"The key {key} stands twice.", key=key)

    def one(
        self, component: Component, names: Collection[str], above: Field | None
    ) -> Field | None:
        """The field of one component; None for what only decorates, or cannot be used."""
        shape = str(component.get("type", ""))
        if shape in ("separator", "spacer"):
            return None
        place = key_of(component) or str(component.get("id", "")) or shape
        if shape not in KINDS:
            self.find(
                "F106", place, f"A form may not hold a component of type {shape!r}.", type=shape
            )
            return None
        properties = self.properties(component, place)
        kind = properties.get("as", KINDS[shape][0])
        if kind not in KINDS[shape]:
            self.find(
                "F115", place, f"A {shape} cannot be read as {kind!r}.", prop="as", value=kind
            )
            return None
        if kind == "paragraph":
            return Field("", "paragraph", str(component.get("text", "")), data_class="C0")
        if not KEY.fullmatch(key_of(component)):
            self.find(
                "F107", place, "A field needs a key: a letter, then letters, digits or underscores."
            )
            return None
        made = self.build(component, kind, properties, names, above)
        self.inspect(made, nested=above is not None)
        return made

    def properties(self, component: Component, place: str) -> dict[str, str]:
        """Custom properties; every value must be text, every name known."""
        given = component.get("properties") or {}
        if not isinstance(given, Mapping):
            self.find("F115", place, "Properties must be names with texts.")
            return {}
        for name, value in given.items():
            if not isinstance(value, str):
                self.find("F115", place, f"The property {name} must be a text.", prop=name)
            if name not in KNOWN and not PATTERNS.fullmatch(name):
                self.find(
                    "F116",
                    place,
                    f"The property {name} means nothing here.",
                    severity="W",
                    prop=name,
                )
        return {n: v for n, v in given.items() if isinstance(v, str)}

    def build(
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
        ruled = above is not None and any(key in told for _, told in above.rule_calls)
        if component.get("type") == "expression" and not component.get("expression") and not ruled:
            self.find("F119", key, "A computed field needs an expression.")
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
            hidden_when=self.compile(
                str(mapping(component.get("conditional")).get("hide", "")), names, key, "hide"
            ),
            required_when=self.compile(given.get("required_when", ""), names, key, "required_when"),
            feel={
                n: made
                for n in CONDITIONS[2:]
                if (made := self.compile(given.get(n, ""), names, key, n))
            },
            checks=self.checks(given, names, key),
            properties=given,
        )
        if kind not in HOLDERS or component.get("type") == "expression":
            return base
        inner = component.get("components") or ()
        return with_fields(base, self.fields(inner if isinstance(inner, list) else (), names, base))

    def options(self, component: Component, key: str) -> tuple[Option, ...]:
        """The values of a choice, each with a label and only once."""
        given = component.get("values") or ()
        made: list[Option] = []
        for item in given if isinstance(given, list) else ():
            value, label = str(mapping(item).get("value", "")), str(mapping(item).get("label", ""))
            if not value or not label:
                self.find(
                    "F112",
                    key,
                    f"Every option needs a value and a label ({value or label or 'empty'}).",
                    value=value,
                )
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
                self.find(
                    "F117",
                    key_of(component),
                    f"The least ({low}) is more than the most ({high}).",
                    low=low,
                    high=high,
                )
        return made

    def checks(
        self, given: Mapping[str, str], names: Collection[str], key: str
    ) -> tuple[Check, ...]:
        """The conditions `check`, `check_2` and on, with their sentences `check_text.sv`,
        `check_text_2.en` and on.
        """
        made = []
        for name in sorted(n for n in given if re.fullmatch(r"check(_\d)?", n)):
            stem = name.replace("check", "check_text")
            words = {n.rpartition(".")[2]: v for n, v in given.items() if n.startswith(stem + ".")}
            condition = self.compile(given[name], names, key, name)
            if not words.get("sv"):
                self.find(
                    "F111",
                    key,
                    f"{name} has no sentence to say when it fails ({stem}.sv).",
                    prop=name,
                )
            if condition:
                made.append(Check(condition, words))
        return tuple(made)

    def compile(self, text: str, names: Collection[str], key: str, prop: str) -> Condition | None:
        """The compiled expression, or a finding that names the unknown word and its place."""
        if not (text := text.removeprefix("=").strip()):
            return None
        try:
            return self.feel(text, names)
        except Exception as error:
            if not hasattr(
                error, "position"
            ):  # the compiler's own error is the engine's, which this room does not know
                raise
            self.find(
                "F113",
                key,
                f"{prop}: {error}",
                prop=prop,
                position=error.position,
                feel=str(getattr(error, "code", "")),
                text=text,
            )
            return None

    def inspect(self, one: Field, *, nested: bool) -> None:
        """What the process owner may not do with a field."""
        self.inspect_class(one, nested=nested)
        self.inspect_options(one)
        if one.kind == "consent" and one.properties.get("consent") not in PURPOSES:
            self.find(
                "F120",
                one.key,
                "A consent names one of the purposes.",
                prop="consent",
                value=one.properties.get("consent", ""),
            )
        if (
            one.kind == "money"
            and {f.key for f in one.fields} != {"amount", "currency"}
            and not one.is_worked_out
        ):
            self.find("F107", one.key, "Money holds the fields amount and currency.")
        if one.kind in ("list", "group") and not one.fields:
            self.find("F107", one.key, "A list or group needs fields.")
        if one.is_worked_out and one.required_when:
            self.find("F119", one.key, "A computed field is never asked for.", prop="required_when")

    def inspect_class(self, one: Field, *, nested: bool) -> None:
        if one.data_class not in ("C0", "C1", "C2", "C3"):
            self.find("F109", one.key, "Every field has a class: C0, C1, C2 or C3.", prop="class")
        if one.data_class in ("C2", "C3") and not one.purpose:
            self.find("F114", one.key, "A field of class C2 or C3 needs a purpose.", prop="purpose")
        if one.routing and (one.kind not in STEERS or nested):
            self.find(
                "F110",
                one.key,
                "A name cannot steer the process: only a choice, a yes or no, a count or a date, outside lists and groups.",
                prop="routing",
            )
        if one.buttons and one.kind not in ("choice", "yesno"):
            self.find("F118", one.key, "Only a choice can become submit buttons.", prop="buttons")

    def inspect_options(self, one: Field) -> None:
        if (
            one.kind in ("choice", "choices")
            and not one.options
            and "options.from" not in one.properties
        ):
            self.find("F112", one.key, "A choice needs options.")
        if one.kind == "yesno" and set(one.values) != {"true", "false"} and one.computed is None:
            self.find("F112", one.key, "A yes or no has exactly the values true and false.")


def with_fields(one: Field, fields: tuple[Field, ...]) -> Field:
    """The field, holding these."""
    values = {name: getattr(one, name) for name in Field.__slots__}
    return Field(**{**values, "fields": fields})


def mapping(value: object) -> Component:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def whole(value: object) -> int | None:
    """A whole number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return int(value) if isinstance(value, int) or re.fullmatch(r"-?\d{1,6}", value) else None


def key_of(component: Component) -> str:
    """A component's key; groups and lists call it `path`."""
    return str(component.get("key") or component.get("path") or "")


def is_section(component: Component) -> bool:
    """A group without a path is a heading only."""
    return component.get("type") == "group" and not component.get("path")
