"""Names of the ids in configuration files, as people call them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from service.access import ENDED
from service.engine import Survey
from service.errors import BadDiagram
from service.forms import Form
from service.release.bundle import CONFIG, ROLES, Bundle
from service.release.ground_words import ground_text
from service.release.labels import localized_name, sentence_case
from service.release.programme.ground_rules import ANY, read_grounds
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.vocabulary import (
    GROUP,
    LANGUAGES,
    OFFICE_KIND,
    PURPOSE,
    STAGE,
    Vocabulary,
)
from service.release.release_configuration import read_release_vocabulary
from service.text import known, say


@dataclass(frozen=True, slots=True)
class ConfigurationWords:
    """Names of roles, steps, forms, questions and words of a process, in one language."""

    lang: str
    roles: Mapping[str, str] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    steps: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    grounds: Mapping[str, str] = field(default_factory=dict)
    """Grounds in law, and every secrecy."""

    def or_of(self, other: ConfigurationWords) -> ConfigurationWords:
        """These words, and those of another version for what is not here."""
        kinds = dict.fromkeys([*self.vocabulary.terms, *other.vocabulary.terms])
        mine, theirs = self.vocabulary.terms, other.vocabulary.terms
        terms = {kind: {**theirs.get(kind, {}), **mine.get(kind, {})} for kind in kinds}
        return replace(
            self,
            roles={**other.roles, **self.roles},
            vocabulary=Vocabulary(terms),
            steps={**other.steps, **self.steps},
            forms={**other.forms, **self.forms},
            questions={**other.questions, **self.questions},
            grounds={**other.grounds, **self.grounds},
        )

    def say(self, key: str, **facts: object) -> str:
        """A text of the section `configuration`."""
        return say(f"configuration.{key}", self.lang, **facts)

    def word(self, key: str, otherwise: str) -> str:
        """A text of the section `configuration`, or another where there is none."""
        return self.say(key) if known(f"configuration.{key}") else otherwise

    def role(self, id_: str) -> str:
        """A role."""
        return self.roles.get(id_, id_)

    def stage(self, id_: str) -> str:
        """A stage, or that the case has ended."""
        return self.say("ended") if id_ == ENDED else self._term(STAGE, id_)

    def purpose(self, id_: str) -> str:
        """A purpose of a consent."""
        return self._term(PURPOSE, id_)

    def group(self, id_: str) -> str:
        """A group of fields."""
        return self._term(GROUP, id_)

    def office_kind(self, id_: str) -> str:
        """A kind of office, or that it is every one."""
        return self.say("any_office") if id_ == ANY else self._term(OFFICE_KIND, id_)

    def ground(self, id_: str) -> str:
        """A ground in law, or a secrecy."""
        return self.grounds.get(id_, id_)

    def data_class(self, id_: str) -> str:
        """A class of answers, such as "sensitive (C2)"."""
        return self.word(f"class_{id_}", id_)

    def mode(self, letter: str) -> str:
        """What a role sees: everything, headlines, what its own office wrote, nothing."""
        return self.word({"F": "full", "S": "headline", "O": "own", "-": "nothing"}[letter], letter)

    def step(self, id_: str) -> str:
        """A step, in quotation marks where it has a name."""
        return self._quoted(self.steps.get(id_), id_)

    def form(self, id_: str) -> str:
        """A form, in quotation marks where it has a title."""
        return self._quoted(self.forms.get(id_), id_)

    def question(self, key: str) -> str:
        """A question, in quotation marks where it has a text."""
        return self._quoted(self.questions.get(key), key)

    def letter(self, id_: str) -> str:
        """A kind of letter, by its subject."""
        return self.word(f"letter_{id_}", id_)

    def _term(self, kind: str, id_: str) -> str:
        return self.vocabulary.word(kind, id_, self.lang) or id_

    def _quoted(self, name: str | None, otherwise: str) -> str:
        marks = ("”", "”") if self.lang == LANGUAGES[0] else ("“", "”")
        return f"{marks[0]}{name}{marks[1]}" if name else otherwise


def read_words(
    bundle: Bundle,
    drawn: Survey,
    forms: Mapping[str, Form],
    lang: str,
    installed: Mapping[str, str],
) -> ConfigurationWords:
    """The words of a bundle, as far as its files can be read.

    Args:
        installed: the installation's files by name, for grounds that the bundle does not have.
    """
    nodes = [node for process in drawn.model.processes.values() for _, node in process.scope.walk()]
    return ConfigurationWords(
        lang,
        {id_: localized_name(row, lang) or id_ for id_, row in role_rows(bundle).items()},
        read_release_vocabulary(bundle, []) or Vocabulary(),
        {node.id: sentence_case(localized_name(node.names, lang)) for node in nodes},
        {id_: form.say(form.title, lang) for id_, form in forms.items()},
        {
            field.key: form.say(field.label, lang)
            for form in forms.values()
            for field in form.fields
            if field.label
        },
        _ground_words(bundle, installed, lang),
    )


def _ground_words(bundle: Bundle, installed: Mapping[str, str], lang: str) -> dict[str, str]:
    """Every ground and secrecy in words, with whether a lawyer has confirmed the ground."""
    try:
        own = bundle.text(CONFIG + GROUNDS) if CONFIG + GROUNDS in bundle.files else ""
        read = read_grounds(own or installed.get(GROUNDS, ""))
    except (BadDiagram, ValueError):
        return {}
    secrecies = {one.id: localized_name(one.words, lang) for one in read.secrecies}
    return secrecies | {one.id: ground_text(read, one.id, lang) for one in read.grounds}


def role_rows(bundle: Bundle) -> Mapping[str, Mapping[str, Any]]:
    """The rows of `roles.toml`; none where it cannot be read."""
    try:
        table = tomllib.loads(bundle.text(ROLES))
    except (BadDiagram, tomllib.TOMLDecodeError):
        return {}
    return {id_: row for id_, row in table.items() if isinstance(row, dict)}
