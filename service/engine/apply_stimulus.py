"""Application of a stimulus to a running case: what each of them changes before the loop runs.

The task or timer that a stimulus names is found, its variables are checked and written, and its
token is moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from service.engine.spiff.activities import (
    MultiInstance,
    ServiceTask,
    SubProcess,
    UserTask,
)
from service.engine.spiff.api import BpmnProcessSpec, SpiffTask
from service.engine.spiff.base import FlowNode
from service.engine.spiff.catch_events import Catcher, ErrorDefinition
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.open_work import armed_timers, message_targets
from service.engine.spiff.throw_events import raise_fault
from service.engine.spiff.variables import holder
from service.engine.types import (
    Answer,
    Complete,
    Correct,
    Due,
    Fail,
    Message,
    Move,
    Restore,
    Start,
    Stimulus,
    Variables,
)
from service.engine.variable_checks import check
from service.errors import NotDue, NotWaiting, SeveralWait, TaskClosed


def apply(case: CaseExecution, stimulus: Stimulus) -> None:
    """Apply one stimulus to a running case.

    Raises:
        TaskClosed, NotWaiting, SeveralWait, NotDue, BadVariables: nothing has happened.
        EngineStopped: `expression`, `fuel`, `error_uncaught`.
    """
    _APPLIERS[type(stimulus)](case, stimulus)


def _start(case: CaseExecution, stimulus: Start) -> None:
    starts = [child for child in case.task_tree.children if child.task_spec.bpmn_id]
    plain_start = case.definition.plain_start
    wanted = stimulus.element or plain_start
    if wanted not in {child.task_spec.bpmn_id for child in starts}:
        raise NotWaiting(wanted or "start", name=wanted)
    check(stimulus.variables, case.definition.types, {})
    for child in starts:
        if child.task_spec.bpmn_id != wanted:
            case._remove_task(child.id)
    case.calendars = dict(stimulus.calendars)
    (start,) = (child for child in starts if child.task_spec.bpmn_id == wanted)
    if isinstance(start.task_spec, FlowNode) and start.task_spec.output_mapping:
        start.task_spec.receive(start, stimulus.variables)
    else:
        case.write(None, stimulus.variables, wanted)
    if case.spec.event_timers:
        # the library drops what is added before its own start has run
        case.task_tree.run()
        case.spec.begin(case)


def _complete(case: CaseExecution, stimulus: Complete) -> None:
    task = _open(case, stimulus.task, UserTask)
    _take(case, task, stimulus.variables, stimulus.calendars)
    case.place = task.task_spec.bpmn_id or ""
    task.run()


def _answer(case: CaseExecution, stimulus: Answer) -> None:
    task = _open(case, stimulus.job, ServiceTask)
    _take(case, task, stimulus.variables, stimulus.calendars)
    case.place = task.task_spec.bpmn_id or ""
    task.complete()


def _fail(case: CaseExecution, stimulus: Fail) -> None:
    task = _open(case, stimulus.job, ServiceTask)
    case.place = task.task_spec.bpmn_id or ""
    raise_fault(task, ErrorDefinition("error", stimulus.code), "")


def _due(case: CaseExecution, stimulus: Due) -> None:
    armed = {id_: (task, timer) for id_, task, timer in armed_timers(case)}
    if stimulus.job not in armed:
        raise TaskClosed(stimulus.job, id=stimulus.job)
    task, timer = armed[stimulus.job]
    due = timer.due(task)
    if due is None or due > case.turn.now:
        raise NotDue(stimulus.job, id=stimulus.job, due=due)
    spec = task.task_spec
    assert isinstance(spec, Catcher)  # noqa: S101 - only a catcher has timers
    case.place = timer.element
    nth = next(nth for _, element, nth, _ in spec.awaited(task) if element == timer.element)
    case.note("fired", timer.element, nth, due.isoformat())
    spec.wake(task, timer.element)


def _message(case: CaseExecution, stimulus: Message) -> None:
    name, wanted, id_ = stimulus.name, stimulus.element, stimulus.id
    targets = [
        target
        for target in message_targets(case, name)
        if wanted in {None, target.element} and id_ in {None, target.id}
    ]
    if not targets:
        raise NotWaiting(name, name=name)
    if len(targets) > 1:
        elements = tuple(target.element for target in targets)
        raise SeveralWait(f"{name}: {', '.join(elements)}", name=name, elements=elements)
    target = targets[0]
    check(stimulus.variables, case.definition.types, case.variables)
    _set_calendars(case, stimulus.calendars)
    case.place = target.element
    target.wake(stimulus.variables)


def _correct(case: CaseExecution, stimulus: Correct) -> None:
    """Set what was answered at an element where the element wrote it.

    Nothing is set where it is kept no more: by the instances of a repetition, and by a part of the
    case that is over and had variables of its own.
    """
    element, values = stimulus.element, stimulus.variables
    if element not in case.definition.elements:
        raise NotWaiting(element, name=element)
    check(values, case.definition.types, case.variables)
    case.place = element
    roots = [scope.task_tree for scope in case.scopes() if any(_nodes([scope.spec], element))]
    if len({_written_to(case, root, values) for root in roots}) > 1:
        raise SeveralWait(element, name=element, elements=(element,))
    if _is_kept(case, element, ends_too=not roots):
        return
    root = roots[0] if roots else None
    (node, *_) = _nodes(_processes(case), element)
    if mapping := node.output_mapping:
        outputs = {name: read for name, read in mapping.items() if read.reads & values.keys()}
        values = case.mapped(outputs, root or case.task_tree, values)
    case.correct(root, values, element)


def _written_to(case: CaseExecution, root: SpiffTask, names: Iterable[str]) -> tuple[int, ...]:
    """Which variables each name would be written to in a scope."""
    held = (holder(root, name) for name in names)
    return tuple(id(case.variables if one is None else one) for one in held)


def _is_kept(case: CaseExecution, element: str, *, ends_too: bool) -> bool:
    """Whether what an element wrote stayed in an instance of a repetition.

    Args:
        ends_too: or in a sub-process or call around it that has ended.
    """
    for node in _nodes(_processes(case), element):
        if isinstance(node, MultiInstance) or (ends_too and node.keeps):
            return True
    if not ends_too:
        return False
    names = {scope.name for scope in _processes(case) if any(_nodes([scope], element))}
    around = {
        node.element
        for scope in _processes(case)
        for node in scope.task_specs.values()
        if isinstance(node, SubProcess) and node.spec in names
    }
    return any(_is_kept(case, outer, ends_too=True) for outer in around)


def _processes(case: CaseExecution) -> list[BpmnProcessSpec]:
    """The process of a case, with every sub-process and called process."""
    return [case.spec, *case.definition.scopes.values()]


def _nodes(processes: Iterable[BpmnProcessSpec], element: str) -> Iterator[FlowNode]:
    """The specs of an element; two when a repetition stands around it."""
    for process in processes:
        for spec in process.task_specs.values():
            if isinstance(spec, FlowNode) and spec.element == element:
                yield spec


def _nothing(_case: CaseExecution, _stimulus: Stimulus) -> None:
    """Nothing: the case was moved or restored while it was read; the loop does the rest."""


def _open(case: CaseExecution, id_: str, spec_class: type[UserTask | ServiceTask]) -> SpiffTask:
    """The task or job that is open under an id."""
    task = case.task(id_)
    spec = task.task_spec if task is not None else None
    if task is None or not isinstance(spec, spec_class) or not spec.is_open(task):
        raise TaskClosed(id_, id=id_)
    return task


def _take(
    case: CaseExecution, task: SpiffTask, answers: Variables, calendars: Mapping[str, str] | None
) -> None:
    """Take the answers of a person or a handler."""
    check(answers, case.definition.types, case.variables)
    _set_calendars(case, calendars)
    spec = task.task_spec
    assert isinstance(spec, UserTask | ServiceTask)  # noqa: S101 - `_open` gives nothing else
    spec.receive(task, answers)


def _set_calendars(case: CaseExecution, calendars: Mapping[str, str] | None) -> None:
    if calendars is not None:
        case.calendars = dict(calendars)


_APPLIERS: Mapping[type, Callable[..., None]] = {
    Start: _start,
    Complete: _complete,
    Answer: _answer,
    Fail: _fail,
    Due: _due,
    Message: _message,
    Correct: _correct,
    Move: _nothing,
    Restore: _nothing,
}
