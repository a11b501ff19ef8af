"""Findings about the plan of retention of a release: a rule without a ground in force, a name that
nothing in the release has, two rules that say different things, what no rule covers, and who has
not signed.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final, TypeAlias

from service.engine import Files, Model, Node, Process, read_model
from service.errors import BadDiagram, Finding
from service.forms import Form
from service.release.bundle import CONFIG, ROLES, TYPES, Bundle
from service.release.configuration_checks import line_of
from service.release.programme.process_configuration import REMINDERS
from service.release.programme.retention_rules import (
    ANY,
    DESTROY,
    FILE,
    HAND_OVER,
    HOST,
    LEDGER,
    LOCK,
    LOG_REVIEW,
    PRESERVE,
    REVIEW,
    SUMS,
    UNSENT_START,
    WRITTEN,
    RetentionPeriod,
    RetentionPlan,
    RetentionRule,
    read_period,
    read_retention,
)
from service.release.programme.signatures import signs
from service.release.programme.vocabulary import FILE as WORDS
from service.release.programme.vocabulary import OFFICE_KIND, Vocabulary
from service.release.release_configuration import read_release_vocabulary

SENTENCES: Final[Mapping[str, str]] = {
    "K110": "{place} rests on {name}, which is in force from {first} to {last} only. Let the rule "
    "begin and end with it, or name another ground.",
    "K111": "{place} is about records of {name}, which {other} does not bind. Name a ground that "
    "does.",
    "K112": "{place} names the kind of office {name}, which {other} does not have.",
    "K113": "{place} names the process {name}, which no diagram has.",
    "K114": "{place} names the element {name}, which its diagrams do not have.",
    "K115": "{place} names the answer {name}, which no form asks for as a date or a number.",
    "K116": "{place} names the routing name {name}, which the release does not have.",
    "K117": "{place} preserves what {other} destroys: {name}. End one of them before the other "
    "begins.",
    "K118": "{place} and {other} destroy the same at different times: {name}. End one of them "
    "before the other begins.",
    "K119": "{place} destroys before {other} hands over: {name}. Let it count longer.",
    "K120": "No rule covers {name}, so it is kept for ever. Write a rule, or say with preserve "
    "that it is to be kept. Asked in: {forms}",
    "K121": "Nobody has signed the rules of {names}: they are an example. Who decides writes under "
    "[signed] name, role and day, and behind them the digest in the brackets.",
    "K122": "The signature does not count, for the rules were changed after it or it is not "
    "complete: {names}. Who decides writes name, role and day anew, and behind them the digest in "
    "the brackets.",
    "K128": "{place} is about start forms that nobody sent, and the worker deletes these {days} "
    "days after somebody has typed in them last, for every kind of office (delete_after_days in "
    "reminders.toml). Let it destroy after P{days}D, counted from written, or change the days.",
}
"""Code of a finding to its sentence."""
_SEVERITY: Final = {"K120": "W", "K121": "I", "K122": "I"}
"""Codes of findings that are no errors."""
Found: TypeAlias = tuple[str, dict[str, object]]
"""Code and facts of a finding."""
_FILE: Final = CONFIG + FILE
_ORDER: Final = (PRESERVE, DESTROY, HAND_OVER, LOCK, REVIEW)
NOT_DESTROYED: Final = frozenset({LOG_REVIEW, LEDGER, SUMS})
"""Kinds of record of the product that no job destroys. Start forms that nobody sent are deleted by
`operations.housekeeping`."""
_DATES: Final = frozenset({"date", "datetime", "number"})
"""Kinds of fields that say a day or a year."""


def retention_findings(
    bundle: Bundle, forms: Mapping[str, Form], files: Files
) -> Iterator[Finding]:
    """Yield findings about `retention.toml` of a release; none where it has none, or where it
    cannot be read: that is a finding already.

    Where a diagram cannot be read, or there is none, nothing is said about what diagrams and forms
    have.
    """
    plan = _plan(bundle)
    if plan is None:
        return
    kinds = _kinds(bundle)
    found = [*_of_grounds(plan), *_of_owners(plan, kinds)]
    model, unreadable = read_model(files)
    if model.processes and not unreadable:
        parts = _ReleaseParts.of(bundle, forms, model, kinds)
        found += [*_of_records(plan, parts), *_of_moments(plan, parts)]
        found += _of_coverage(plan, parts)
    text = bundle.text(_FILE)
    found += [*_of_unsent(plan, bundle), *_of_contradictions(plan, kinds)]
    for one in (*found, *_of_signatures(plan, kinds)):
        yield _finding(*one, text)


def signature_findings(plan: RetentionPlan, kinds: Collection[str]) -> Iterator[Finding]:
    """Yield the hints about rules that nobody has signed, or that were changed since.

    Args:
        kinds: kinds of office that there are.
    """
    yield from (_finding(*one) for one in _of_signatures(plan, kinds))


def _plan(bundle: Bundle) -> RetentionPlan | None:
    if _FILE not in bundle.files:
        return None
    try:
        return read_retention(bundle.text(_FILE))
    except (BadDiagram, ValueError):
        return None


def _kinds(bundle: Bundle) -> tuple[str, ...]:
    """Kinds of office of the release; none where its vocabulary cannot be read."""
    return (read_release_vocabulary(bundle, []) or Vocabulary()).ids(OFFICE_KIND)


def _finding(code: str, facts: dict[str, object], text: str = "") -> Finding:
    """A finding, with the line of its row in the text of the file."""
    sentence = SENTENCES[code].format_map(facts)
    _, _, id_ = str(facts.get("place", "")).partition(" ")
    line = line_of(text, f'id = "{id_}"') or 1
    return Finding(code, _SEVERITY.get(code, "E"), _FILE, "", sentence, line=line, facts=facts)


@dataclass(frozen=True, slots=True)
class _ReleaseParts:
    """What the other files of a release have."""

    forms: Mapping[str, Form]
    processes: Mapping[str, Process]
    kinds: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    """Role to the kinds of office that may hold it."""
    lanes: Mapping[str, str]
    """Name of a lane to its role."""
    routing: frozenset[str]
    classes: Mapping[str, frozenset[str]]
    """Form to the classes of its answers."""

    @classmethod
    def of(
        cls, bundle: Bundle, forms: Mapping[str, Form], model: Model, kinds: tuple[str, ...]
    ) -> _ReleaseParts:
        roles = _rows(bundle, ROLES)
        return cls(
            forms,
            model.processes,
            kinds,
            {id_: tuple(row.get("offices") or kinds) for id_, row in roles.items()},
            {str(row.get("sv")): id_ for id_, row in roles.items() if not row.get("house")},
            frozenset(_rows(bundle, TYPES))
            | {key for one in forms.values() for key in one.routing()},
            {id_: _classes(form) for id_, form in forms.items()},
        )

    def reached(self, names: Collection[str]) -> list[Process]:
        """These processes, and all that they call."""
        found, waiting = dict[str, Process](), list(names)
        while waiting:
            process = self.processes.get(waiting.pop())
            if process is not None and process.id not in found:
                found[process.id] = process
                waiting += [node.calls for _, node in process.scope.walk() if node.calls]
        return list(found.values())

    def fillers(self, process: Process, node: Node) -> Collection[str]:
        """Kinds of office that may answer the form of a step: by the roles that it names, else by
        its lane, else all that may have a part in a case.
        """
        named = [name.strip() for name in node.properties.get("roles", "").split(",")]
        lane = self.lanes.get(process.lanes.get(node.id, ""), "")
        roles = [role for role in (*named, *node.groups) if role in self.roles]
        roles = roles or [role for role in [lane] if role] or [*self.lanes.values()]
        return {kind for role in roles for kind in self.roles[role]}


def _classes(form: Form) -> frozenset[str]:
    return frozenset(field.data_class for _, field in form.walk() if field.kind != "paragraph")


def _rows(bundle: Bundle, file: str) -> Mapping[str, Mapping[str, Any]]:
    """The tables of a file; none where it cannot be read."""
    try:
        table = tomllib.loads(bundle.text(file))
    except (BadDiagram, tomllib.TOMLDecodeError):
        return {}
    return {id_: row for id_, row in table.items() if isinstance(row, dict)}


def _of_grounds(plan: RetentionPlan) -> Iterator[Found]:
    for rule in plan.rules:
        ground = plan.ground(rule.ground)
        if ground is None:
            continue
        ends = ground.end is not None and (rule.end is None or rule.end > ground.end)
        if ends or rule.start < ground.start:
            yield (
                "K110",
                {
                    "place": _place(rule),
                    "name": ground.id,
                    "first": ground.start.isoformat(),
                    "last": ground.end.isoformat() if ground.end is not None else "…",
                },
            )
        owners = {kind for kind in rule.owner if not ground.binds(kind)}
        if owners:
            names = ", ".join(sorted(owners))
            yield "K111", {"place": _place(rule), "name": names, "other": ground.id}


def _of_owners(plan: RetentionPlan, kinds: Collection[str]) -> Iterator[Found]:
    rows = [(_place(rule), {*rule.owner} - {ANY, HOST}) for rule in plan.rules]
    rows += [(f"ground {one.id}", {*one.owner} - {HOST}) for one in plan.grounds]
    rows.append(("[signed]", {*plan.signed} - {HOST}))
    for place, named in rows if kinds else ():
        for name in sorted(named - set(kinds)):
            yield "K112", {"place": place, "name": name, "other": WORDS}


def _of_records(plan: RetentionPlan, parts: _ReleaseParts) -> Iterator[Found]:
    for record in plan.records:
        place = f"record {record.id}"
        for name in record.process:
            if name not in parts.processes:
                yield "K113", {"place": place, "name": name}
        nodes = [n for one in parts.reached(record.process) for _, n in one.scope.walk()]
        ends = {node.id for node in nodes if node.kind == "endEvent"}
        missing = [name for name in record.ends if name not in ends]
        missing += [name for name in record.not_reached if name not in {node.id for node in nodes}]
        for name in missing:
            yield "K114", {"place": place, "name": name}
        if record.only_if is not None and record.only_if.name not in parts.routing:
            yield "K116", {"place": place, "name": record.only_if.name}


def _of_moments(plan: RetentionPlan, parts: _ReleaseParts) -> Iterator[Found]:
    drawn = {node.id for one in parts.processes.values() for _, node in one.scope.walk()}
    days = {
        field.key for form in parts.forms.values() for field in form.fields if field.kind in _DATES
    }
    for moment in plan.moments:
        place = f"moment {moment.id}"
        if moment.left and moment.left not in drawn:
            yield "K114", {"place": place, "name": moment.left}
        for name in moment.answer:
            if name not in days:
                yield "K115", {"place": place, "name": name}


def _of_contradictions(plan: RetentionPlan, kinds: Collection[str]) -> Iterator[Found]:
    for one, other in combinations(plan.rules, 2):
        shared = _shared(one, other, kinds)
        if not shared or not _overlap(plan.in_force(one), plan.in_force(other)):
            continue
        first, second = sorted((one, other), key=lambda rule: _ORDER.index(rule.does))
        facts: dict[str, object] = {"name": shared, "place": _place(first), "other": _place(second)}
        does = (first.does, second.does)
        same_moment = first.counted == second.counted
        if does == (PRESERVE, DESTROY):
            yield "K117", facts
        elif does == (DESTROY, DESTROY) and not _same_day(first, second):
            yield "K118", facts
        elif does == (DESTROY, HAND_OVER) and same_moment and _surely_longer(second, first):
            yield "K119", facts


def _same_day(one: RetentionRule, other: RetentionRule) -> bool:
    """Whether two rules with periods fall due on the same day."""
    return (one.counted, one.period, one.not_before) == (
        other.counted,
        other.period,
        other.not_before,
    )


def _shared(one: RetentionRule, other: RetentionRule, kinds: Collection[str]) -> str:
    """What two rules are both about, in words; "" for nothing."""
    records = [id_ for id_ in one.record if id_ in other.record]
    owners = [
        kind
        for kind in dict.fromkeys([*one.owner, *other.owner, *kinds])
        if kind != ANY and records and all(r.counts_for(records[0], kind) for r in (one, other))
    ]
    if ANY in one.owner and ANY in other.owner and not owners:
        owners = [ANY]
    classes = [klass for klass in one.classes if klass in other.classes]
    if not (records and owners and classes):
        return ""
    return f"{', '.join(classes)} of {', '.join(owners)} in {', '.join(records)}"


def _overlap(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return max(one[0], other[0]) <= min(one[1], other[1])


def _surely_longer(one: RetentionRule, other: RetentionRule) -> bool:
    """Whether a rule falls due after another that counts from the same moment, whenever it is."""
    start = date(2001, 3, 1)
    return one.period.last_day(start) > other.period.last_day(start)


def _of_coverage(plan: RetentionPlan, parts: _ReleaseParts) -> Iterator[Found]:
    """Classes of answers that an office may have in a kind of record, and that no rule covers."""
    for record in plan.records:
        asked = defaultdict[str, dict[str, set[str]]](lambda: defaultdict(set))
        for process in parts.reached(record.process):
            for _, node in process.scope.walk():
                classes_asked = parts.classes.get(node.form, ())
                for kind in parts.fillers(process, node) if classes_asked else ():
                    for klass in classes_asked:
                        asked[kind][klass].add(node.form)
        for kind, classes in sorted(asked.items()):
            covered = {
                klass
                for rule in plan.rules
                if rule.counts_for(record.id, kind)
                for klass in rule.classes
            }
            open_ = sorted(classes.keys() - covered)
            if open_:
                names = sorted({form for klass in open_ for form in classes[klass]})
                what = f"{', '.join(open_)} of {kind} in {record.id}"
                yield "K120", {"name": what, "forms": ", ".join(names)}


def _of_unsent(plan: RetentionPlan, bundle: Bundle) -> Iterator[Found]:
    """Rules about start forms that nobody sent, which say something else than what is done."""
    days = _rows(bundle, CONFIG + REMINDERS).get("unstarted", {}).get("delete_after_days")
    if not isinstance(days, int):
        return
    for rule in plan.rules:
        moment = plan.moment(rule.counted)
        runs = (rule.does, read_period(rule.after), moment.product if moment is not None else "")
        is_about = plan.product_record(UNSENT_START) in rule.record
        if is_about and runs != (DESTROY, RetentionPeriod(0, days), WRITTEN):
            yield "K128", {"place": _place(rule), "days": days}


def rules_not_run(plan: RetentionPlan) -> list[tuple[RetentionRule, str]]:
    """Rules that destroy what nothing destroys, each with the kind of record."""
    made = {plan.product_record(name) for name in NOT_DESTROYED} - {""}
    return [
        (rule, record)
        for rule in plan.rules
        if rule.does == DESTROY
        for record in rule.record
        if record in made
    ]


def is_signed(plan: RetentionPlan, kind: str) -> bool:
    """Whether somebody has signed the rules of a kind of office, or of the house, as they are."""
    return signs(plan.signed.get(kind, ""), plan.digest(kind))


def _of_signatures(plan: RetentionPlan, kinds: Collection[str]) -> Iterator[Found]:
    waiting = [kind for kind in plan.owners(kinds) if not is_signed(plan, kind)]
    for code, here in (("K121", False), ("K122", True)):
        mine = [kind for kind in waiting if bool(plan.signed.get(kind)) is here]
        if names := ", ".join(f"{kind} [{plan.digest(kind)}]" for kind in mine):
            yield code, {"names": names}


def _place(rule: RetentionRule) -> str:
    return f"rule {rule.id}"
