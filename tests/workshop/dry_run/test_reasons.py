"""Every verdict has a sentence, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from service.engine import KINDS_OF_STOP
from service.store.work.batches import CaseOutcome
from service.workshop.dry_run import verdicts
from service.workshop.dry_run.dry_run_words import DryRunNames, move_reason, outcome_reason

KEPT = {
    "elements": {
        "g": ["exclusiveGateway", {"sv": "Beslut?", "en": "Decision?"}],
        "x": ["userTask", {"sv": "Fråga", "en": "Ask"}],
        "j": ["exclusiveGateway", {}],
    },
    "flows": {"f1": ["g", "x", {"sv": "Ja", "en": "Yes"}], "f2": ["g", "x", {}]},
    "fields": {"phone": {"sv": "Telefon", "en": "Phone"}},
}
SV, EN = DryRunNames(KEPT, {}, "sv"), DryRunNames(KEPT, {}, "en")
FLOWS = {"was": ["f1"], "becomes": ["f2"]}


@pytest.mark.parametrize(
    ("verdict", "detail", "said"),
    [
        (verdicts.DECIDES, {"flows": FLOWS}, "“Ask” leads to “Ask”, before to “Yes”."),
        (verdicts.DECIDES, {"then": ["g"]}, "The rule “Ask” answers otherwise than before. Then"),
        (verdicts.ASKS, {"fields": ["phone"]}, "“Ask” asks for “Phone”, which the case never gave"),
        (verdicts.ASKS, {}, "“Ask” is a new task."),
        (verdicts.WAITS, {"kind": "job", "what": "letters"}, "an automatic answer (letters)"),
        (verdicts.WAITS, {"kind": "message"}, "waits for a message"),
        (verdicts.BREAKS, {"stop": "no_way_out"}, "No way holds from “Ask”."),
        (verdicts.BREAKS, {"stop": "never heard of"}, "cannot go on from “Ask”"),
        (verdicts.OTHER_END, {"was": ["g"], "becomes": []}, "Was: “Decision?”. Becomes: nowhere."),
        (verdicts.OTHER_WAY, {"gained": ["x"], "lost": ["g"]}, "New: “Ask”. Gone: “Decision?”."),
        (verdicts.OTHER_WAY, {"gained": ["j"]}, "The same steps in another order."),
        (verdicts.UNREADABLE, {}, "cannot be read"),
        (verdicts.ERASED, {}, "erased"),
        (verdicts.FAILED, {}, "fault of the program"),
        (verdicts.SAME, {"partly": True}, "Followed in part."),
    ],
)
def test_a_verdict_has_its_sentence(verdict: str, detail: dict[str, Any], said: str) -> None:
    case = CaseOutcome(verdict, "x", detail)
    assert said in outcome_reason(case, EN)
    assert outcome_reason(case, SV) != outcome_reason(case, EN)


def test_the_same_way_says_nothing() -> None:
    assert outcome_reason(CaseOutcome(verdicts.SAME), SV) == ""


@pytest.mark.parametrize("stop", sorted(KINDS_OF_STOP))
def test_every_stop_is_told(stop: str) -> None:
    case = CaseOutcome(verdicts.BREAKS, "x", {"stop": stop})
    assert "”Fråga”" in outcome_reason(case, SV)


def test_many_names_are_cut() -> None:
    case = CaseOutcome(verdicts.ASKS, "x", {"fields": ["a", "b", "c", "d", "e", "f"]})
    assert "and 2 more" in outcome_reason(case, EN)


def test_what_keeps_a_case_from_moving_is_told() -> None:
    facts = {"x": "Fråga", "scope": "Steg 1"}
    move = {"verdict": "choice", "code": "gone", "facts": facts, "message": "English"}
    assert "Fråga" in move_reason(move, SV)
    assert move_reason({"verdict": "moves", "notes": 0}, SV) == ""
    assert move_reason({"verdict": "cannot", "code": "wrong"}, EN) == (
        "The case cannot be moved as it is."
    )
