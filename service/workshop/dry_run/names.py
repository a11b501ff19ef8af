"""Names of elements in a dry run, as they were when it began: the draft may have others by now.

They are those of the drawing: elements, flows, fields of forms, files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.casework.casefile.diagram_viewer import drawings
from service.casework.casefile.step_list import kind_text
from service.forms import Form
from service.release.labels import localized_name, sentence_case
from service.release.prepared import PreparedRelease
from service.text import languages


def kept_names(draft: PreparedRelease, base: PreparedRelease, process: str) -> dict[str, Any]:
    """The names of a draft and of the release in force, as they are kept with a run."""
    drawn = [definition for r in (base, draft) for definition in r.definitions.values()]
    main = process if process in draft.definitions else next(iter(draft.definitions))
    return {
        "elements": {e.id: [e.kind, dict(e.names)] for one in drawn for e in one.elements.values()},
        "flows": {
            f.id: [f.source, f.target, dict(f.names)] for one in drawn for f in one.flows.values()
        },
        "choices": sorted(_choices(draft)),
        "fields": _new_fields(draft, base),
        "drawing": {
            lang: drawings(draft, main, lambda _, file: file, lang) for lang in languages()
        },
    }


def _choices(draft: PreparedRelease) -> set[str]:
    """Flows of the draft that are one way of several."""
    elements = (e for one in draft.definitions.values() for e in one.elements.values())
    several = (e for e in elements if len(e.outgoing) > 1)
    return {flow for element in several for flow in element.outgoing}


def _new_fields(draft: PreparedRelease, base: PreparedRelease) -> dict[str, dict[str, str]]:
    """Labels of fields that no form of the release in force has."""
    return {
        field.key: {lang: form.say(field.label, lang) for lang in languages()}
        for form in draft.forms.values()
        for field in form.fields
        if field.key not in base.fields
    }


@dataclass(frozen=True, slots=True)
class DryRunNames:
    """Names in the reader's language; what has no name is called by its kind, never by its id."""

    kept: Mapping[str, Any]
    forms: Mapping[str, Form]
    """Those of the release in force."""
    lang: str

    def element(self, id_: str) -> str:
        """The name of an element."""
        kind, names = self.kept.get("elements", {}).get(id_, ("", {}))
        return sentence_case(localized_name(names, self.lang)) or kind_text(kind, self.lang) or id_

    def flow(self, id_: str) -> str:
        """The label of a flow, else the name of where it leads."""
        _, target, names = self.kept.get("flows", {}).get(id_, ("", "", {}))
        return localized_name(names, self.lang) or self.element(target) or id_

    def way(self, id_: str) -> str:
        """A flow with the choice that it belongs to."""
        source, _, _ = self.kept.get("flows", {}).get(id_, ("", "", {}))
        return f"{self.element(source)} → {self.flow(id_)}"

    def field(self, key: str) -> str:
        """The label of a field of a form."""
        labels = self.kept.get("fields", {}).get(key)
        if labels:
            return localized_name(labels, self.lang) or key
        for form in self.forms.values():
            for field in form.fields:
                if field.key == key and field.label:
                    return form.say(field.label, self.lang)
        return key
