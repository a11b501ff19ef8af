"""The promises of a draft as its owner reads and changes them: in words, with the verdict of the
linter on each; and the way that breaks one, as marks on its drawings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

from service.casework.casefile.diagram_viewer import still_data
from service.engine import Process, Promise, RoleFacts, Survey, read_promise, survey
from service.errors import FieldFault, Finding, InvalidAnswers, NotFound, UnusableFile
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.labels import localized_name
from service.release.prepared import files_of
from service.text import finding_text, say
from service.workshop.promises.diagram_text import PREFIX, set_promises

HOLDS, BROKEN, WATCHED, UNREAD = "holds", "broken", "watched", "unread"
FORMS = ("never", "followed", "only", "field")
"""The four forms of a promise, in the order in which they are offered."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "never": ("x", "y"),
    "followed": ("x", "y"),
    "only": ("role", "x"),
    "field": ("field", "role"),
}
"""Form to the parts that it must name."""
RULE, TOO_SLOW = "D809", "X110"
MOST_DAYS = 9999
_VERDICTS = {"D809.open": WATCHED, "D809.unread": UNREAD}
_UNKNOWN = frozenset({"D809.element", "D809.role", "D809.field"})
MARK = "broken"
"""Mark of the viewer on each step and flow of a way that breaks a promise."""


@dataclass(frozen=True, slots=True)
class WayStep:
    """A step on the way that breaks a promise: id, name, and the file that draws it."""

    id: str
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class DraftPromise:
    """A promise of a draft.

    Attributes:
        process, number: where it is kept.
        words: the promise in the reader's language.
        verdict: `holds`, `broken`, `watched` (cannot be proved, is watched in every case), or
            `unread` (names what is not there, or has none of the forms).
        why: what is wrong with one that is `unread`.
        way: of a broken one, from the start to the fault, the steps that have a name.
        path: every step of that way, by id.
    """

    process: str
    number: str
    words: str
    verdict: str
    why: str = ""
    way: tuple[WayStep, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromiseSummary:
    """The promises of a draft in the order of their verdicts, and the number of each."""

    promises: tuple[DraftPromise, ...]

    @property
    def lines(self) -> tuple[DraftPromise, ...]:
        """The promises: broken ones first, then unread, then watched, then those that hold."""
        order = (BROKEN, UNREAD, WATCHED, HOLDS)
        return tuple(sorted(self.promises, key=lambda one: order.index(one.verdict)))

    @property
    def holding(self) -> int:
        """Number of promises that are proved."""
        return self._count(HOLDS)

    @property
    def watched(self) -> int:
        """Number of promises that cannot be proved, and are watched in every case."""
        return self._count(WATCHED)

    @property
    def broken(self) -> int:
        """Number of promises that are broken, or cannot be read."""
        return self._count(BROKEN) + self._count(UNREAD)

    def _count(self, verdict: str) -> int:
        return sum(one.verdict == verdict for one in self.promises)


@dataclass(frozen=True, slots=True)
class PromiseChoices:
    """Steps, roles and fields that a promise can name, each as (id, name)."""

    steps: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]


class DraftPromises:
    """The promises of a draft's files, and what new ones can name.

    Args:
        lang: of words and names.
    """

    def __init__(self, bundle: Bundle, services: Services, lang: str) -> None:
        files, forms, _ = files_of(bundle, services.topics)
        self._files = files
        self._fields = {
            field.key: form.say(field.label, lang) or field.key
            for form in forms.values()
            for field in form.fields
        }
        self._bundle, self._services, self._lang = bundle, services, lang
        self._unchecked = False
        """Whether the linter was ended before it had come to the promises."""
        self._survey: Survey = survey(files)
        self._roles: Mapping[str, RoleFacts] = files.roles
        self._nodes = {
            node.id: (node, process)
            for process in self._survey.model.processes.values()
            for _, node in process.scope.walk()
        }
        self._around = {
            node.id: scope.id
            for process in self._survey.model.processes.values()
            for scope, node in process.scope.walk()
        }

    def listed(self) -> list[DraftPromise]:
        """Every promise, those of one process together.

        Raises:
            Busy: too many others are having files read.
        """
        judged = self._services.judge(self._bundle, "")
        found = [one for one in judged if one.code == RULE]
        if any(one.code == TOO_SLOW for one in judged):
            self._unchecked = True
        return [
            self._promise(process, number, text, found)
            for process in self._survey.model.processes.values()
            for number, text in promises_of(process).items()
        ]

    def choices(self) -> PromiseChoices:
        """Steps, roles and fields that a new promise can name, in the order of their names."""
        steps = [
            (id_, f"{name} · {localized_name(process.names, self._lang) or process.id}")
            for id_, (node, process) in self._nodes.items()
            if (name := localized_name(node.names, self._lang))
        ]
        roles = [(id_, localized_name(role.names, self._lang)) for id_, role in self._roles.items()]
        return PromiseChoices(_by_name(steps), _by_name(roles), _by_name(self._fields.items()))

    def with_promise(self, form: str, parts: Mapping[str, str]) -> dict[str, bytes]:
        """The file that changes when a promise is added to the process that holds its first step.

        Args:
            parts: `x`, `y`, `role`, `field`, `days` as typed; those that the form does not know are
                passed over.
        Raises:
            InvalidAnswers: something is not named, is not in the draft, or is no number of days;
                or the draft promises it already.
            UnusableFile: as `set_promises`.
        """
        text = self._sentence(form, parts)
        promise = read_promise(text)
        if promise is None:
            raise NotFound
        process = self._home(promise)
        kept = promises_of(process)
        if text in kept.values():
            raise InvalidAnswers((FieldFault("form", "promises.known"),))
        taken = {
            number for one in self._survey.model.processes.values() for number in promises_of(one)
        }
        number = next(str(n) for n in count(1) if str(n) not in taken)
        return self._written(process, {**kept, number: text})

    def without(self, process: str, number: str) -> dict[str, bytes]:
        """The file that changes when a promise is taken out.

        Raises:
            NotFound: there is none.
            UnusableFile: as `set_promises`.
        """
        found = self._survey.model.processes.get(process)
        if found is None or number not in promises_of(found):
            raise NotFound
        rest = {n: text for n, text in promises_of(found).items() if n != number}
        return self._written(found, rest)

    def _written(self, process: Process, promises: Mapping[str, str]) -> dict[str, bytes]:
        name = f"workflows/{process.file}"
        content = set_promises(self._bundle.files[name], process.id, promises)
        changed, _, _ = files_of(self._bundle.with_file(name, content), self._services.topics)
        again = survey(changed).model.processes.get(process.id)
        if again is None or promises_of(again) != dict(promises):
            raise UnusableFile(why="promises")
        return {name: content}

    def _home(self, promise: Promise) -> Process:
        """The process that keeps a promise: that of its first step, else the programme's."""
        if promise.x in self._nodes:
            return self._nodes[promise.x][1]
        return self._survey.model.processes[self._services.programme.process]

    def _sentence(self, form: str, parts: Mapping[str, str]) -> str:
        """The promise in the form that diagrams keep."""
        known = {
            "x": self._nodes,
            "y": self._nodes,
            "role": self._roles,
            "field": self._fields,
        }
        needed = NEEDED.get(form)
        if needed is None:
            raise NotFound
        faults = [
            FieldFault(name, "promises.choose")
            for name in needed
            if parts.get(name) not in known[name]
        ]
        before = parts.get("x", "")
        if form == "field" and before and before not in self._nodes:
            faults.append(FieldFault("x", "promises.choose"))
        days = parts.get("days", "").strip() if form == "followed" else ""
        if days and not (days.isascii() and days.isdigit() and 0 < int(days) <= MOST_DAYS):
            faults.append(FieldFault("days", "promises.days_wrong", {"most": MOST_DAYS}))
        if faults:
            raise InvalidAnswers(tuple(faults))
        return {
            "never": "never {x} before {y}",
            "followed": "{x} always followed by {y}"
            + (f" within {int(days or 0)} days" * bool(days)),
            "only": "only {role} does {x}",
            "field": "field {field} never reaches {role}" + " before {x}" * bool(before),
        }[form].format_map(dict(parts))

    def _promise(
        self, process: Process, number: str, text: str, found: Iterable[Finding]
    ) -> DraftPromise:
        finding = next(
            (
                one
                for one in found
                if one.element == process.id and one.facts.get("promise") == text
            ),
            None,
        )
        words = self.words_of(text)
        if finding is None:
            verdict = UNREAD if self._unchecked else HOLDS
            return DraftPromise(process.id, number, words, verdict)
        sentence = str(finding.facts.get("sentence", finding.code))
        verdict = UNREAD if sentence in _UNKNOWN else _VERDICTS.get(sentence, BROKEN)
        why = finding_text(finding.code, finding.message, finding.facts, self._lang)
        path = finding.facts.get("path", [])
        ids = path if verdict == BROKEN and isinstance(path, list) else []
        drawn = tuple(id_ for id_ in ids if id_ in self._nodes)
        shown = why * (verdict == UNREAD)
        return DraftPromise(process.id, number, words, verdict, shown, self._way(drawn), drawn)

    def file_of(self, id_: str) -> str:
        """The file that draws a step."""
        return self._nodes[id_][1].file

    def title(self, file: str) -> str:
        """The name of the process that a file draws."""
        drawn = (p for p in self._survey.model.processes.values() if p.file == file)
        names = (localized_name(process.names, self._lang) for process in drawn)
        return next((name for name in names if name), file)

    def flows_between(self, pairs: Iterable[tuple[str, str]]) -> list[str]:
        """The flows that lead from one step straight to another."""
        wanted = set(pairs)
        processes = self._survey.model.processes.values()
        scopes = {scope.id: scope for process in processes for scope, _ in process.scope.walk()}
        return [
            flow.id
            for scope in scopes.values()
            for flow in scope.flows
            if (flow.source, flow.target) in wanted
        ]

    def _way(self, path: Sequence[str]) -> tuple[WayStep, ...]:
        """The named steps of a way; what has no name says nothing to a reader."""
        return tuple(
            WayStep(id_, self._name(id_), self._nodes[id_][1].file)
            for id_ in path
            if id_ in self._nodes and self._nodes[id_][0].names
        )

    def words_of(self, text: str) -> str:
        """A promise as diagrams keep it, in the reader's language."""
        promise = read_promise(text)
        if promise is None:
            return text
        key = promise.form
        if key == "followed" and promise.days:
            key = "followed_within"
        if key == "field" and promise.x:
            key = "field_before"
        role = self._roles.get(promise.role)
        return say(
            f"promises.{key}",
            self._lang,
            x=self._name(promise.x),
            y=self._name(promise.y),
            role=localized_name(role.names, self._lang) if role is not None else promise.role,
            field=self._fields.get(promise.field, promise.field),
            n=promise.days,
        )

    def _name(self, id_: str) -> str:
        """The name of a step; of one without a name its kind, and what it is part of."""
        if id_ not in self._nodes:
            return id_
        node, process = self._nodes[id_]
        if name := localized_name(node.names, self._lang):
            return name
        frame = self._nodes.get(self._around[id_])
        around = frame[0].names if frame is not None else process.names
        kind = say(f"element.{node.kind}", self._lang)
        return f"{kind}: {localized_name(around, self._lang) or process.id}"


def way_data(
    promises: DraftPromises,
    promise: DraftPromise,
    *,
    id_: str,
    name: str,
    xml: Callable[[str], str],
) -> dict[str, Any]:
    """Data of the viewer for the drawings that a way goes through, with its steps numbered and the
    ways between them marked.

    Args:
        id_, name: of the draft.
        xml: gives the address of a drawing.
    """
    files = list(dict.fromkeys(promises.file_of(id_) for id_ in promise.path))
    where = {id_: files.index(promises.file_of(id_)) for id_ in promise.path}
    numbers = {step.id: str(n) for n, step in enumerate(promise.way, 1)}
    flows = promises.flows_between(pairwise(promise.path))
    drawn = {
        "id": id_,
        "name": name,
        "files": [{"file": f, "title": promises.title(f), "xml": xml(f)} for f in files],
        "where": {id_: place for id_, place in where.items() if place},
        "calls": {},
    }
    marks = {id_: [MARK, numbers.get(id_, "")] for id_ in (*flows, *promise.path)}
    last = promise.path[-1] if promise.path else ""
    return {**still_data(drawn, element=last), "marks": marks}


def promises_of(process: Process) -> dict[str, str]:
    """Number to sentence of the promises of a process, in its order."""
    return {
        name.removeprefix(PREFIX): " ".join(text.split())
        for name, text in process.properties.items()
        if name.startswith(PREFIX)
    }


def _by_name(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs, key=lambda pair: pair[1].casefold()))
