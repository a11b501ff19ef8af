"""The preview of a correction: it is played on a copy of the state, and thrown away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.commands.button_consequences import consequence_texts
from service.casework.commands.button_preview import PreviewedCase, load_scene, new_work, play_turn
from service.casework.corrections import answer_changes
from service.casework.corrections.answer_changes import AnswerChanges
from service.casework.corrections.sent_answer import SentAnswer
from service.engine import Advance, Correct, Message
from service.errors import TrestegError
from service.records.context import Services
from service.release.labels import element_name
from service.store.installation import offices
from service.store.work import jobs
from service.text import say


@dataclass(frozen=True)
class _Preview:
    """One correction as it is previewed for one person."""

    services: Services
    viewer: Viewer
    sent: SentAnswer
    changes: AnswerChanges
    now: datetime

    def say(self, key: str, **values: object) -> str:
        return say(f"correction.{key}", self.viewer.lang, **values)

    def lines(self) -> Iterable[str]:
        yield self.say("changes", fields=", ".join(self.labels()))
        scene = load_scene(
            self.sent.at_hand, self.services, self.viewer, self.sent.loaded, {}, self.now
        )
        try:
            outcome = play_turn(scene, Correct(self.sent.element.id, self.changes.variables))
            yield from self.moved(scene, outcome)
            yield from self.weighed(scene, outcome)
        except TrestegError:
            yield say("task.preview_later", self.viewer.lang)
        yield from self.informed()
        yield self.say("passed_stays")
        yield self.say("both_stay")

    def labels(self) -> list[str]:
        """Labels of the fields, those she may not see left out."""
        words = AnswerTexts(self.sent.loaded.release, self.viewer)
        return [
            words.label(self.sent.form.id, field.key)
            for field in self.sent.form.fields
            if field.key in self.changes.answers and (field.label or not field.is_worked_out)
        ]

    def moved(self, scene: PreviewedCase, outcome: Advance) -> Iterable[str]:
        """Deadlines that move: due dates of tasks, and timers."""
        due = {task.id: task.due for task in scene.waiting}
        due |= {
            job.work_id: job.due
            for job in jobs.of_case(self.sent.at_hand, self.sent.loaded.case.id)
            if job.kind == "timer"
        }
        for waits in outcome.open:
            if waits.id in due and waits.due != due[waits.id]:
                element = scene.definition.elements[waits.element]
                name = element_name(element, self.viewer.lang)
                if waits.due is None:
                    yield self.say("deadline_gone", what=name)
                else:
                    key = "deadline_passed" if waits.due <= self.now else "deadline_moves"
                    yield self.say(key, what=name, date=self._moment(waits.due))

    def weighed(self, scene: PreviewedCase, outcome: Advance) -> Iterable[str]:
        """The task of who weighs the correction."""
        rules = self.sent.configuration.corrections
        value = answer_changes.weigher(self.sent, self.changes)
        if value:
            known = {*scene.before, *(waits.id for waits in outcome.open)}
            later = replace(scene, state=outcome.state, rev=scene.rev + 1, before=known)
            after = play_turn(later, Message(rules.weigh.message, {rules.weigh.name: value}))
            work = list(new_work(later, after, usual=False))
            yield from consequence_texts(work, self.viewer, self.now)

    def informed(self) -> Iterable[str]:
        """Which offices get a letter."""
        if self.sent.configuration.corrections.letter:
            names = offices.names(self.sent.at_hand)
            about = (self.sent.at_hand, self.sent, self.changes, self.sent.fact.at)
            receivers = [names.get(id_, id_) for id_ in answer_changes.concerned_offices(*about)]
            yield (
                self.say("letter_to", who=", ".join(receivers))
                if receivers
                else self.say("no_letter")
            )

    def _moment(self, due: datetime) -> str:
        return due.astimezone(ZoneInfo(self.viewer.zone)).strftime("%Y-%m-%d %H:%M")


def preview_correction(
    services: Services,
    viewer: Viewer,
    sent: SentAnswer,
    changes: AnswerChanges,
    now: datetime,
) -> list[str]:
    """What a correction would bring, in sentences: which answers change, which deadlines move, who
    weighs it, who gets a letter, and that what was passed stays passed.
    """
    return list(_Preview(services, viewer, sent, changes, now).lines())
