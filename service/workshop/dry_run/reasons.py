"""The reason of a verdict in one sentence, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from service.store.work.batches import BatchCase, CaseOutcome
from service.text import known, move_text, say
from service.workshop.dry_run import verdicts
from service.workshop.dry_run.names import DryRunNames

NAMED: Final = 4
"""Most names in one list of a sentence."""


def outcome_reason(case: BatchCase | CaseOutcome, names: DryRunNames) -> str:
    """Why a case has its verdict; empty for one that goes the same way."""
    said = _reason(case, names)
    if case.detail.get("partly"):
        said = f"{said} {say('dry_run.partly', names.lang)}".strip()
    return said


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
    """What would wait after it."""
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


def move_reason(move: Mapping[str, Any], names: DryRunNames) -> str:
    """What keeps an open case from being moved; empty when nothing does."""
    if "code" not in move or move.get("verdict") == "moves":
        return ""
    if "message" not in move:
        return say("dry_run.cannot_move", names.lang)
    return move_text(move["code"], move["message"], dict(move["facts"]), names.lang)
