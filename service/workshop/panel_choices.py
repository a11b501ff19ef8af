"""Choices in the panel of the diagram editor: drop-downs, names for expressions, handlers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from service.binding import Declaration
from service.engine import Node, Survey, Type, survey
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.labels import localized_name
from service.release.prepared import files_of
from service.release.programme.vocabulary import STAGE, STATION, Vocabulary
from service.release.release_configuration import read_release_vocabulary

TermWords: TypeAlias = Mapping[str, Mapping[str, str]]
"""Kind of term to id to word."""

_LENGTH: Final = re.compile(r'"(P[^"]+)"')
"""A result of a rule that is a length of time, as FEEL."""


def editor_choices(bundle: Bundle, services: Services, lang: str) -> dict[str, list[list[str]]]:
    """List the choices of the editor's drop-downs: pairs of the value written and its label."""
    files, forms, _ = files_of(bundle, services.topics)
    drawn = survey(files)
    processes = drawn.model.processes
    terms = _term_words(bundle, services, drawn, lang)
    nodes = [node for process in processes.values() for _, node in process.scope.walk()]
    messages = _codes(nodes, "message")
    reported = {code for topic in services.topics.values() for code in topic.errors}
    form_titles = {form.id: form.say(form.title, lang) or form.id for form in forms.values()}
    topics = {topic: f"{topic} – {t.summary}" for topic, t in services.topics.items()}
    roles = {id_: localized_name(role.names, lang) for id_, role in files.roles.items()}
    names = {id_: localized_name(p.names, lang) or id_ for id_, p in processes.items()}
    return {
        "forms": _sorted(form_titles),
        "topics": _sorted(topics),
        "roles": _sorted(roles),
        "decisions": _sorted(_rule_names(drawn, nodes, lang)),
        "processes": _sorted(names),
        "messages": _same(messages),
        "errors": _same({*_codes(nodes, "error"), *reported}),
        "escalations": _same(_codes(nodes, "escalation")),
        "names": _same(drawn.types),
        "stages": _numbered(terms[STAGE]),
        "stations": [[station, word] for station, word in terms[STATION].items()],
    }


def _term_words(bundle: Bundle, services: Services, drawn: Survey, lang: str) -> TermWords:
    """Stages and stations with their words, in the order of the release; of a release that lists
    none, those that its diagrams name.
    """
    own = read_release_vocabulary(bundle, [])
    words = dict[str, dict[str, str]]()
    nodes = [node for process in drawn.model.processes.values() for _, node in process.scope.walk()]
    for kind in (STAGE, STATION):
        named = sorted({node.properties.get(kind, "") for node in nodes} - {""})
        ids = own.ids(kind) if own is not None else named
        release_words = own or Vocabulary()
        words[kind] = {
            id_: release_words.word(kind, id_, lang) or services.word(kind, id_, lang)
            for id_ in ids
        }
    return words


def _numbered(words: Mapping[str, str]) -> list[list[str]]:
    """Stages as pages count them, with their words."""
    return [
        [id_, f"{number} {word}" if word != id_ else id_]
        for number, (id_, word) in enumerate(words.items(), 1)
    ]


def _rule_names(drawn: Survey, nodes: Iterable[Node], lang: str) -> dict[str, str]:
    """Names of the rules; in another language those of the steps that ask them."""
    asked = {node.decision: node.names[lang] for node in nodes if lang in node.names}
    own = {id_: table.name or id_ for id_, table in drawn.tables.items()}
    return own if lang == "sv" else {id_: asked.get(id_, name) for id_, name in own.items()}


def _codes(nodes: Iterable[Node], kind: str) -> set[str]:
    return {node.event.ref for node in nodes if node.event.kind == kind and node.event.ref}


def _same(values: Iterable[str]) -> list[list[str]]:
    return _sorted({value: value for value in values})


def _sorted(labels: Mapping[str, str]) -> list[list[str]]:
    pairs = ([value, label] for value, label in labels.items())
    return sorted(pairs, key=lambda pair: pair[1].casefold())


def expression_names(bundle: Bundle, services: Services) -> list[dict[str, object]]:
    """List the names that expressions of a draft may read: type, and values where listed."""
    files, _, _ = files_of(bundle, services.topics)
    return [
        part for name, type_ in sorted(survey(files).types.items()) for part in _parts(name, type_)
    ]


def _parts(name: str, type_: Type) -> Iterable[dict[str, object]]:
    """A name, and below it the parts of a result that has some."""
    yield {"name": name, "kind": type_.kind, "values": list(type_.values)}
    if type_.kind == "context":
        for part, of in type_.fields.items():
            yield from _parts(f"{name}.{part}", of)


def rule_lengths(bundle: Bundle, services: Services, lang: str) -> dict[str, dict[str, object]]:
    """Lengths of time that rules give, by the name that an expression reads them under.

    Returns:
        `deadline.counsel` to the step that asks the rule, and its rows: when one fits (its note in
        Swedish, else its conditions in FEEL), and the length as ISO 8601.
    """
    files, _, _ = files_of(bundle, services.topics)
    drawn = survey(files)
    found: dict[str, dict[str, object]] = {}
    for process in drawn.model.processes.values():
        for _, node in process.scope.walk():
            table = drawn.tables.get(node.decision)
            if table is None or not node.result:
                continue
            step = localized_name(node.names, lang) or node.id
            for at, column in enumerate(table.outputs):
                name = f"{node.result}.{column.name}" if len(table.outputs) > 1 else node.result
                lengths = [_LENGTH.fullmatch(row.results[at]) for row in table.rows]
                if lengths and all(lengths):
                    whens = [
                        row.note if lang == "sv" and row.note else ", ".join(row.cells)
                        for row in table.rows
                    ]
                    rows = [
                        [when, length[1]]
                        for when, length in zip(whens, lengths, strict=True)
                        if length
                    ]
                    found[name] = {"step": step, "rows": rows}
    return found


def handler_contracts(topics: Mapping[str, Declaration]) -> dict[str, dict[str, object]]:
    """Tell of each handler what the panel shows: what it does, reads, answers, reports, sends."""
    return {
        name: {
            "summary": topic.summary,
            "reads": [*topic.reads, *topic.fields],
            "answers": list(topic.answers),
            "errors": list(topic.errors),
            "letters": [f"{role}: {template}" for role, template in topic.letters],
        }
        for name, topic in topics.items()
    }
