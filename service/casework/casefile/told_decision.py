"""How the decision is appealed that a paper or a page tells: by who gave the answer that decides,
and by the day on which it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from service.access import Viewer
from service.casework.cases.given_answers import GivenAnswer
from service.records.context import Services
from service.release.appeal_words import NOTHING_SAID, AppealWords
from service.release.paper_templates import ToldDecision
from service.release.prepared import PreparedRelease
from service.store.at_hand import Reader
from service.store.installation import offices


def how_to_appeal(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    decision: ToldDecision | None,
    answers: Mapping[str, GivenAnswer],
) -> AppealWords:
    """How a decision is appealed; nothing where it is not among the answers.

    Args:
        viewer: her office hands the text over, in her language.
        decision: the decision, None for none.
        answers: by key, those that may be shown.
    """
    answer = answers.get(decision.answer) if decision is not None else None
    if decision is None or answer is None:
        return NOTHING_SAID
    directory = offices.everyone(reader)
    decided, hands_over = directory.get(answer.office), directory.get(viewer.office)
    return services.appeal(
        decision.kind,
        decided.kind if decided is not None else "",
        viewer.lang,
        release,
        date.fromisoformat(viewer.day(answer.at)),
        office=hands_over.name if hands_over is not None else "",
    )
