"""The tree of errors that Tresteg raises on purpose.

Each class has a stable `code`; `service/web` maps codes to statuses, `service/text` to sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self


class TrestegError(Exception):
    """Root of everything that Tresteg raises on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or self.code)
        self.facts = facts
        """What the sentence names: ids, counts, times. Never a value of class C1 to C3."""


class NotFound(TrestegError):
    """There is no such thing, or the person may not know of it."""

    code = "not_found"


class CaseErased(NotFound):
    """Everything that was written in the case is erased, and the person may know no more of it;
    `facts` hold `rule` and `month`, and `case`, its id, for whom its path is open.
    """

    code = "case_erased"


class NotSignedIn(TrestegError):
    """The page needs a person."""

    code = "sign_in_needed"


class ProviderDown(TrestegError):
    """A provider for signing in gives no answer, or none that can be read; `facts["why"]` is the
    code of the reason.
    """

    code = "provider_down"


class ProviderRefused(TrestegError):
    """What came back from a provider is no sign-in; `facts["why"]` is the code of the reason."""

    code = "provider_refused"


class IdentityTaken(TrestegError):
    """An identity at a provider is linked to somebody else, or the person is of another office."""

    code = "identity_taken"


class SecondFactorMissing(TrestegError):
    """The password was right, and it alone is not enough here; the person has no other way."""

    code = "second_factor_missing"


class LastWay(TrestegError):
    """It is the only way by which the person can sign in."""

    code = "last_way"


class ProofNeeded(TrestegError):
    """The person signed in too long ago for this: she shows once more that it is she."""

    code = "proof_needed"


class TokenRefused(TrestegError):
    """A program came with a token that is none, or that has ended; who asks hears no more."""

    code = "token_refused"


class TwoSignIns(TrestegError):
    """A request bears the token of a program and the cookie of a person."""

    code = "two_sign_ins"


class NotAllowed(TrestegError):
    """The person sees the thing but may not do this; `facts["why"]` is the code of the reason."""

    code = "not_allowed"


class OperationRefused(NotAllowed):
    """The token of a program is not for this operation; `facts["operation"]` is its id."""

    code = "operation_refused"


class ReasonNeeded(TrestegError):
    """The person must say first why she opens the case; `facts["case"]` is its id."""

    code = "reason_needed"


class NotNamed(NotAllowed):
    """The person is none of those who are named for a case of a protected identity."""

    code = "not_named"


class ApprovalNeeded(NotAllowed):
    """A second person must approve it first; `facts` hold `case`, `kind` and `subject`."""

    code = "approval_needed"


class FourEyes(NotAllowed):
    """Another person must do this step."""

    code = "four_eyes"


class ConsentMissing(TrestegError):
    """The act rests on a consent that is not live; `facts["purpose"]`."""

    code = "consent_missing"


class SharingWaits(TrestegError):
    """The person pauses, and what rests on her consent is not shared meanwhile. Its words name no
    pause: who is refused need not know of it.
    """

    code = "sharing_waits"


class TaskClosed(TrestegError):
    """The task or job is not open any more: done, interrupted, or never there."""

    code = "task_over"


class TaskTaken(TrestegError):
    """Another person has claimed the task."""

    code = "task_taken"


class CaseMoved(TrestegError):
    """Somebody, or a timer, was faster."""

    code = "case_moved"


class CaseEnded(TrestegError):
    """The case has ended; nothing moves it again."""

    code = "case_ended"


class NotErasable(TrestegError):
    """What was to be erased cannot be, now; `why` is the part of `error.not_erasable` that says
    the reason.
    """

    code = "not_erasable"


class NotPackable(TrestegError):
    """No package for an archive can be made, now; `why` is the part of `error.not_packable` that
    says the reason.
    """

    code = "not_packable"


class NotWaiting(TrestegError):
    """No place in the case waits for this message."""

    code = "not_waiting"


class SeveralWait(TrestegError):
    """Several places wait for this message; the sender must name one."""

    code = "several_wait"


@dataclass(frozen=True)
class FieldFault:
    """One fault in one field: `path` such as `risks.2.severity`, a text key, and its facts."""

    path: str
    key: str
    facts: dict[str, object] = field(default_factory=dict)


class InvalidAnswers(TrestegError):
    """The form was filled in wrongly; nothing has changed."""

    code = "answers_invalid"

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__(", ".join(f.path for f in faults))
        self.faults = faults


class NotUnderstood(TrestegError):
    """What a program sent, `facts["field"]`, is `unknown`, `missing` or of another `kind`."""

    code = "bad_request"


class KeyReused(TrestegError):
    """The same idempotency key came with another body."""

    code = "key_reused"


class EndNotConfirmed(TrestegError):
    """The case would end with this, and who sends it has not said that she means it; nothing has
    changed.
    """

    code = "end_not_confirmed"

    def __init__(self, consequences: tuple[Any, ...]) -> None:
        super().__init__()
        self.consequences = consequences
        """What would follow (`casework.commands.button_consequences.Consequence`)."""


class Stale(TrestegError):
    """The page was made from an older revision."""

    code = "stale"


class SlowDown(TrestegError):
    """Too many tries; `facts["minutes"]` tells how long to wait."""

    code = "slow_down"


class ManyPasswords(TrestegError):
    """Too many passwords wait to be checked; nothing was counted, the next moment may do."""

    code = "many_passwords"


class TooLarge(TrestegError):
    """A file or body is larger than its limit."""

    code = "too_large"


class WrongKind(TrestegError):
    """A file is not what its name says, or of a kind that is not taken."""

    code = "wrong_kind"


class PaperFailed(TrestegError):
    """No paper came of a template: it reads files, never ends, or is no program.

    `facts` hold `why`, a word, and `line`, of the template.
    """

    code = "paper_failed"


class ReportFailed(TrestegError):
    """A report could not be made as PDF; nothing was recorded."""

    code = "report_failed"


class Busy(TrestegError):
    """The database did not answer in time; nothing was saved. `facts["driver"]` names its fault."""

    code = "busy"


class NoDatabase(Busy):
    """The database cannot be reached, or is none; the sentence says which and why."""

    code = "no_database"


class DamagedDatabase(NoDatabase):
    """The file of the database is damaged; the sentence says which and what to do."""

    code = "damaged_database"


class RowRefused(TrestegError):
    """A row does not bear the MAC that this installation gave it, or one of a case was put back or
    taken away; nothing was done with it.

    `facts` names the table, and the case if it is one's.
    """

    code = "row_refused"


class Taken(TrestegError):
    """The name belongs to somebody else already; the sentence says which."""

    code = "taken"


class UnusableWord(TrestegError):
    """A word that was given is not known; the sentence says which, and the nearest that is."""

    code = "unusable_word"


class Label(str):
    """A name in a sentence: as drawn, and in the other languages in which the diagram gives it."""

    __slots__ = ("names",)
    names: Mapping[str, str]

    def __new__(cls, drawn: str, names: Mapping[str, str] | None = None) -> Self:
        """`names` by language; without them the name is the same in all."""
        label = super().__new__(cls, drawn)
        label.names = dict(names or {})
        return label

    def __reduce__(self) -> tuple[type[Self], tuple[str, Mapping[str, str]]]:
        return type(self), (str(self), self.names)

    def say(self, lang: str) -> str:
        """The name in a language; as drawn where it has none in that."""
        return self.names.get(lang) or str(self)


def join_labels(sign: str, parts: Iterable[str]) -> Label:
    """Put names behind each other, in each language in which one of them has a name."""
    labels = [part if isinstance(part, Label) else Label(part) for part in parts]
    langs = {lang for label in labels for lang in label.names}
    names = {lang: sign.join(label.say(lang) for label in labels) for lang in langs}
    return Label(sign.join(labels), names)


def in_language(facts: Mapping[str, object], lang: str) -> dict[str, object]:
    """The facts of a finding, its names in a language."""
    return {
        key: value.say(lang) if isinstance(value, Label) else value for key, value in facts.items()
    }


@dataclass(frozen=True)
class Finding:
    """One sentence of the linter about one place.

    `message` is English; `facts` lets `service/text` say it in Swedish.
    """

    code: str
    severity: str  # "E" blocks publishing, "W" must be seen by name, "I" is shown
    file: str
    element: str
    message: str
    line: int = 0
    prop: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    fix: str = ""


class BadDiagram(TrestegError):
    """A file of a release cannot be used; all findings at once."""

    code = "findings"

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            "; ".join(f"{f.file}: {f.element}: {f.code} {f.message}" for f in findings[:20])
        )
        self.findings = findings


class BadVariables(TrestegError):
    """A stimulus carries a name or value that the release does not declare."""

    code = "bad_variables"


class NotDue(TrestegError):
    """The timer is not due yet."""

    code = "not_due"


class DueFirst(TrestegError):
    """Timers are due and must be fired first; `ids`, oldest first: the first can be fired."""

    code = "due_first"

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__(", ".join(ids))
        self.ids = ids


class TimersPaused(TrestegError):
    """No timer fires until an operator has confirmed something; what needs one first is refused."""

    code = "timers_paused"


class ClockJumped(TimersPaused):
    """The server's clock jumped; no timer fires until an operator has confirmed it."""

    code = "clock_jumped"


class NotConfirmed(TimersPaused):
    """The database was restored from a copy; until an operator has confirmed it, nothing fires.

    What needs a timer to fire first is refused until then.
    """

    code = "restored_copy"


class CannotMove(TrestegError):
    """The case may not move to the other definition; `problems` are sentences."""

    code = "cannot_move"

    def __init__(self, problems: tuple[str, ...], found: tuple[object, ...] = ()) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.found = found
        """The same as the engine's problems, which other languages are made of."""


class CallUnderWay(TrestegError):
    """A handler is being called at `facts["element"]`, and the move would take that work away."""

    code = "call_under_way"


class CannotUndo(TrestegError):
    """The move of the case cannot be taken back; `facts["why"]` is the code of the reason."""

    code = "cannot_undo"


class WrongDefinition(TrestegError):
    """State bytes that this definition or this engine cannot read."""

    code = "wrong_definition"


class EngineStopped(TrestegError):
    """The case cannot go on; `kind` is one of engine.KINDS_OF_STOP, `element` the place."""

    code = "engine_stopped"

    def __init__(self, kind: str, element: str = "", detail: str = "") -> None:
        super().__init__(f"{kind} at {element or 'the case'}{': ' + detail if detail else ''}")
        self.kind = kind
        self.element = element
        self.detail = detail


class CannotOpen(TrestegError):
    """A sealed value does not open: wrong key, wrong place, or changed bytes."""

    code = "cannot_open"


class BadSettings(TrestegError):
    """The program cannot start with these settings; the sentence says what to do."""

    code = "bad_settings"


class UnusableFile(TrestegError):
    """A file that was named is not there, of another kind, or may not be read."""

    code = "unusable_file"


class MailRefused(TrestegError):
    """The mail server did not take the letter; it stays in the outbox."""

    code = "mail_refused"


class HandlerFailed(TrestegError):
    """A handler raised, hung, or answered with what it does not declare."""

    code = "handler_failed"
