"""Words of a dry run: names of elements, flows and fields, and the reason of a verdict in a
sentence.

Names are kept with the run as they were when it began, since the draft may have others by now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.casework.casefile.diagram_viewer import drawings
from service.casework.casefile.step_list import kind_text
from service.forms import Form
from service.release.labels import localized_name, sentence_case
from service.release.prepared import PreparedRelease
from service.store.work.batches import BatchCase, CaseOutcome
from service.text import known, languages, move_text, say
from service.workshop.dry_run import verdicts

NAMED: Final = 4
"""Most names in one list of a sentence."""


@dataclass(frozen=True, slots=True)
class DryRunNames:
    """Names in the reader's language; what has no name is called by its kind, never by its id."""

    kept: Mapping[str, Any]
    forms: Mapping[str, Form]
    """Forms of the release in force."""
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


def outcome_reason(case: BatchCase | CaseOutcome, names: DryRunNames) -> str:
    """Reason of a case's verdict; empty for a case that goes the same way."""
    said = _reason(case, names)
    if case.detail.get("partly"):
        said = f"{said} {say('dry_run.partly', names.lang)}".strip()
    return said


def move_reason(move: Mapping[str, Any], names: DryRunNames) -> str:
    """Reason why an open case cannot be moved; empty when it can."""
    if "code" not in move or move.get("verdict") == "moves":
        return ""
    if "message" not in move:
        return say("dry_run.cannot_move", names.lang)
    return move_text(move["code"], move["message"], dict(move["facts"]), names.lang)


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


def _reason(case: BatchCase | CaseOutcome, names: DryRunNames) -> str:
    detail, lang, at = case.detail, names.lang, names.element(case.element)
    match case.verdict:
        case verdicts.DECIDES:
            return f"{_decides(detail, at, names)} {_then(detail, names)}".strip()
        case verdicts.ASKS:
            return f"{_asks(detail, at, names)} {_then(detail, names, case.element)}".strip()
        case verdicts.WAITS:
            key = f"dry_run.waits_{detail.get('kind', 'task')}"
            what = detail.get("what", "")
            return say(key if known(key) else "dry_run.waits_task", lang, at=at, what=what)
        case verdicts.BREAKS:
            key = f"dry_run.stop_{detail.get('stop', '')}"
            return say(key if known(key) else "dry_run.stop_other", lang, at=at)
        case verdicts.OTHER_END:
            was, becomes = (_places(detail[which], names) for which in ("was", "becomes"))
            return say("dry_run.ends_otherwise", lang, was=was, becomes=becomes)
        case verdicts.OTHER_WAY:
            return " ".join(_differences(detail, names))
        case verdicts.SAME:
            return ""
    return say(f"dry_run.reason_{case.verdict}", lang)


def _decides(detail: Mapping[str, Any], at: str, names: DryRunNames) -> str:
    flows = detail.get("flows", {})
    if not flows.get("becomes"):
        return say("dry_run.rule_otherwise", names.lang, at=at)
    was, becomes = (
        _listed([names.flow(flow) for flow in flows[which]], names.lang)
        for which in ("was", "becomes")
    )
    return say("dry_run.leads_otherwise", names.lang, at=at, was=was, becomes=becomes)


def _then(detail: Mapping[str, Any], names: DryRunNames, besides: str = "") -> str:
    """Steps that would wait after it, in a sentence."""
    left = [names.element(id_) for id_ in detail.get("then", ()) if id_ != besides]
    return say("dry_run.then", names.lang, what=_listed(left, names.lang)) if left else ""


def _asks(detail: Mapping[str, Any], at: str, names: DryRunNames) -> str:
    fields = [names.field(key) for key in detail.get("fields", ())]
    if not fields:
        return say("dry_run.new_task", names.lang, at=at)
    return say("dry_run.asks_fields", names.lang, at=at, fields=_listed(fields, names.lang))


def _differences(detail: Mapping[str, Any], names: DryRunNames) -> list[str]:
    """Steps gained and lost, those with a name."""
    said = []
    for which in ("gained", "lost"):
        named = [id_ for id_ in detail.get(which, ()) if _is_named(id_, names)]
        if named:
            what = _listed([names.element(id_) for id_ in named], names.lang)
            said.append(say(f"dry_run.{which}", names.lang, what=what))
    return said or [say("dry_run.other_order", names.lang)]


def _is_named(id_: str, names: DryRunNames) -> bool:
    _, drawn = names.kept.get("elements", {}).get(id_, ("", {}))
    return bool(drawn.get("sv"))


def _places(ids: Sequence[str], names: DryRunNames) -> str:
    listed = _listed([names.element(id_) for id_ in ids], names.lang)
    return listed or say("dry_run.nowhere", names.lang)


def _listed(words: Sequence[str], lang: str) -> str:
    """Some names in quotes, and how many more there are."""
    unique = list(dict.fromkeys(words))
    shown = ", ".join(f"“{word}”" if lang == "en" else f"”{word}”" for word in unique[:NAMED])
    more = len(unique) - NAMED
    return shown if more <= 0 else say("dry_run.and_more", lang, what=shown, n=more)
