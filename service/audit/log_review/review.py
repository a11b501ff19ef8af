"""A log review as values: its looks, their judgements, the step that waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.engine import Definition, Open

JUDGE, JUDGE_OWN, FOLLOW = "Task_JudgeLooks", "Task_JudgeOwnLooks", "Task_FollowUpLooks"
"""Elements of the diagram that wait for an auditor."""
ANSWER: Final = "Task_AnswerQuestion"
"""The element that waits for the person who looked."""
EXPLAINED, OPEN, INCIDENT = "explained", "follow_up", "incident"
VERDICTS: Final = (EXPLAINED, OPEN, INCIDENT)
"""What an auditor can say of a look; the second stays to be followed up."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an auditor said of a look; `word` is her reason, sealed under her own key."""

    verdict: str
    by: str
    at: datetime
    word: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person who looked answered; sealed under her own key."""

    at: datetime
    word: str


@dataclass(frozen=True, slots=True)
class Question:
    """What an auditor asked the person who looked, sealed as `review_words` says.

    `task` is the work of the engine that waits for her answer and `closing` the message that ends
    it; both are "" when it is over. `due` is when the diagram wants the answer.
    """

    look: int
    person: str
    by: str
    at: datetime
    word: str
    task: str
    closing: str
    due: datetime | None
    reply: Reply | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer."""
        return bool(self.task)


@dataclass(frozen=True, slots=True)
class ListedLook:
    """Looks of one person that stand out, or were drawn by lot: those at one case in the month, or
    all of one day.

    `case` is empty where it is about a day; `cases` counts those of the day. `why` are codes of
    `looks`.
    """

    number: int
    person: str
    office: str
    case: str
    why: tuple[str, ...]
    first: datetime
    last: datetime
    times: int
    cases: int
    judgements: tuple[Judgement, ...] = ()

    @property
    def verdict(self) -> str:
        """The newest judgement; "" before the first."""
        return self.judgements[-1].verdict if self.judgements else ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A step of the process that an auditor finished."""

    element: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LogReview:
    """One month's review.

    `task` is the step that waits, None when the review has ended; `offices` is office to how many
    looks it had in the month and how many of its listed ones stand out; `letters` are those that
    were sent: (step, office, whether it was late).
    """

    month: str
    begun: datetime
    definition: Definition
    state: bytes
    task: Open | None
    limits: Mapping[str, Any]
    offices: Mapping[str, tuple[int, int]]
    left_out: int
    looks: tuple[ListedLook, ...] = ()
    signed: tuple[Signature, ...] = ()
    letters: frozenset[tuple[str, str, bool]] = frozenset()
    questions: tuple[Question, ...] = ()

    @property
    def left(self) -> int:
        """How many looks nobody has judged yet."""
        return sum(not look.verdict for look in self.looks)

    @property
    def to_follow_up(self) -> int:
        """How many looks are judged as still to be followed up."""
        return sum(look.verdict == OPEN for look in self.looks)

    def is_late(self, now: datetime) -> bool:
        """Whether the step that waits is past its due date."""
        return self.task is not None and self.task.due is not None and self.task.due < now

    def may_judge(self, look: ListedLook, person: str) -> bool:
        """Whether a person may judge a look now: nobody judges her own."""
        return self.task is not None and look.person != person

    def waiting_question(self, look: int) -> Question | None:
        """The question about a look that waits for an answer."""
        return next((one for one in self.questions if one.look == look and one.waits), None)

    def may_ask(self, look: ListedLook, person: str) -> bool:
        """Whether a person may ask who looked: it is not decided yet, and nothing is asked already.

        A review that began on a diagram without questions has none.
        """
        undecided = look.verdict in ("", OPEN) and self.waiting_question(look.number) is None
        return ANSWER in self.definition.elements and undecided and self.may_judge(look, person)

    def must_be_judged(self, person: str) -> list[ListedLook]:
        """The looks without which a person cannot finish the step that waits."""
        if self.task is None:
            return []
        if self.task.element == FOLLOW:
            return [look for look in self.looks if look.verdict == OPEN]
        own = person if self.task.element == JUDGE else ""
        return [look for look in self.looks if not look.verdict and look.person != own]

    def must_be_another(self, person: str) -> bool:
        """Whether the step that waits is for somebody else than this person, by the diagram."""
        if self.task is None:
            return False
        other = self.definition.elements[self.task.element].properties.get("not_same_person_as")
        return any(one.element == other and one.by == person for one in self.signed)
