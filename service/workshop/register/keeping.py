"""Lines about how long records are kept: the rules of the plan of retention, in words."""

from __future__ import annotations

from collections.abc import Iterator

from service.casework.casefile.retention_words import period_in_words, when_in_words
from service.release.programme.retention_rules import ANY, HOST, RetentionPlan, RetentionRule
from service.release.retention_checks import is_signed
from service.workshop.register.parts import RegisterLine, RegisterSection
from service.workshop.register.source import RegisterSource, in_sentence

MONTH = 30
"""Days of a month, where only the longer of two periods is asked for."""


def retention(source: RegisterSource) -> RegisterSection:
    """How long records of the process are kept, rule by rule."""
    plan = source.configuration.retention
    lines = [
        RegisterLine(
            rule.id,
            _records(source, plan, rule),
            " ".join(_rule(source, plan, rule)),
            days=rule.period.months * MONTH + rule.period.days if rule.counted else 0,
        )
        for rule in source.rules
    ]
    owners = dict.fromkeys(owner for rule in source.rules for owner in rule.owner if owner != ANY)
    unsigned = [_owner(source, owner) for owner in owners if not is_signed(plan, owner)]
    missing = source.say("retention_unsigned", kinds=", ".join(unsigned)) if unsigned else ""
    return RegisterSection(
        "retention",
        source.say("retention"),
        source.say("retention_lead"),
        tuple(lines),
        source.say("retention_empty"),
        missing,
    )


def _records(source: RegisterSource, plan: RetentionPlan, rule: RetentionRule) -> str:
    found = [one for id_ in rule.record if (one := plan.record(id_)) is not None]
    first, *more = (source.words_of(one.words) for one in found)
    return ", ".join((first, *map(in_sentence, more)))


def _rule(source: RegisterSource, plan: RetentionPlan, rule: RetentionRule) -> Iterator[str]:
    owners = ", ".join(_owner(source, owner) for owner in rule.owner)
    when = when_in_words(plan, rule, source.lang) if rule.counted else ""
    does = source.say(f"does_{rule.does}", when=when)
    yield source.say("rule", owners=owners, does=does, classes=source.classes(rule.classes))
    if rule.interval is not None:
        yield source.say("rule_again", period=period_in_words(rule.interval, source.lang))
    if rule.unless:
        yield source.say("rule_reopened")
    if rule.not_before and (moment := plan.moment(rule.not_before)) is not None:
        yield source.say("rule_not_before", moment=source.words_of(moment.words))
    if (ground := plan.ground(rule.ground)) is not None:
        yield source.say("rule_ground", words=source.words_of(ground.words), number=ground.number)
    yield source.say("rule_number", rule=rule.id)


def _owner(source: RegisterSource, owner: str) -> str:
    if owner in (ANY, HOST):
        return source.say(f"owner_{'any' if owner == ANY else 'house'}")
    return source.words.office_kind(owner)
