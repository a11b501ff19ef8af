"""Lines about who gets to see what: roles, openings of a case, referrals, providers, papers, and
what goes to another country.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from service.access import CLASSES, ENDED, NOTHING
from service.binding import Declaration
from service.release.programme.channel_rules import ON_CALL, PRINT
from service.release.programme.grant_rules import GrantedView, GrantEnd, GrantRule
from service.release.programme.referral_rules import ReferralPurpose
from service.workshop.register.parts import RegisterLine, RegisterSection
from service.workshop.register.source import RegisterSource


def roles(source: RegisterSource) -> RegisterSection:
    """Who works in the process, and kinds of offices that may."""
    lines = []
    for role in source.roles:
        kinds = ", ".join(map(source.words.office_kind, source.kinds_of(role)))
        text = source.say("role_held", kinds=kinds)
        lines.append(RegisterLine(role, source.words.role(role), text))
    house = [id_ for id_, row in source.side.roles.items() if row.get("house")]
    for role in house:
        shown = source.configuration.matrix.letters.get(role, {})
        classes = {
            klass
            for four in shown.values()
            for klass, letter in zip(CLASSES, four, strict=True)
            if letter != NOTHING
        }
        text = source.say("role_house", classes=source.classes(classes))
        lines.append(
            RegisterLine(
                role, source.words.role(role), text if classes else source.say("role_sees_nothing")
            )
        )
    return RegisterSection("roles", source.say("roles"), source.say("roles_lead"), tuple(lines))


def openings(source: RegisterSource) -> RegisterSection:
    """When a case opens to an office, for which classes, until when and on which ground.

    Rows that differ in their end alone are one line: the first end counts.
    """
    ends: dict[GrantRule, list[GrantEnd]] = {}
    for row in source.grants:
        found = ends.setdefault(structs.replace(row, until=None), [])
        found += [row.until] if row.until is not None else []
    lines, seen = [], Counter[str]()
    for row, until in ends.items():
        key = f"{row.rule} {row.element} {row.moment} {row.role}"
        seen[key] += 1
        text = " ".join(_opening(source, row, until))
        lines.append(RegisterLine(f"{key} {seen[key]}", source.words.role(row.role), text))
    return RegisterSection(
        "openings",
        source.say("openings"),
        source.say("openings_lead"),
        tuple(lines),
        source.say("openings_empty"),
    )


def _opening(source: RegisterSource, row: GrantRule, until: Sequence[GrantEnd]) -> Iterator[str]:
    moment = source.say(f"moment_{row.moment}", step=source.words.step(row.element))
    yield source.say("opens", moment=moment, what=_view(source, row))
    yield from _conditions(source, row)
    for end in until:
        yield _end(source, end)
    if len(until) > 1:
        yield source.say("earliest")
    if not until:
        yield source.say("until_nothing")
    if row.then is not None:
        yield source.say("then", what=_view(source, row.then))


def _conditions(source: RegisterSource, row: GrantRule) -> Iterator[str]:
    """On what an opening hangs: an answer, a ground, consents."""
    if row.only_if is not None:
        answers = source.answers(row.only_if.name, row.only_if.values)
        question = source.question(row.only_if.name)
        yield source.say("only_if", question=question, answers=answers)
    yield source.say("rests_on", ground=source.grounds(row.grounds))
    if row.consents:
        yield source.say("needs_consent", purposes=_purposes(source, row.consents))
    if row.consent_by:
        who = [source.say(f"by_{who.lower()}") for who in sorted(row.consent_by, reverse=True)]
        yield source.say("consent_by", who=source.say("or").join(who))
    if row.from_stage is not None:
        stage = source.words.stage(str(row.from_stage.stage))
        purposes = _purposes(source, row.from_stage.consent)
        yield source.say("from_stage", stage=stage, purposes=purposes)


def _view(source: RegisterSource, view: GrantedView) -> str:
    parts = [source.classes(view.classes)]
    if view.own_only:
        parts.append(source.say("own_only"))
    if view.groups is not None:
        groups = ", ".join(source.group(one) for one in sorted(view.groups))
        parts.append(source.say("only_groups", groups=groups))
    if view.headline:
        parts.append(source.say("headline_only", classes=source.classes(view.headline)))
    return ", ".join(parts)


def _end(source: RegisterSource, until: GrantEnd) -> str:
    step = source.words.step(until.element) if until.element else ""
    moment = source.say(f"moment_{until.moment}", step=step)
    if until.name:
        answers = source.answers(until.name, until.values)
        question = source.question(until.name)
        moment = source.say("moment_so", moment=moment, question=question, answers=answers)
    if until.days:
        return source.say("until_days", n=until.days, moment=moment)
    return source.say("until", moment=moment)


def _purposes(source: RegisterSource, ids: tuple[str, ...]) -> str:
    return ", ".join(map(source.words.purpose, ids))


def referrals(source: RegisterSource) -> RegisterSection:
    """Referrals: by a step of the diagram, and by hand."""
    lines = [
        RegisterLine(
            f"step {row.element}",
            source.words.step(row.element),
            source.say(
                "referral_step",
                to=source.words.role(row.to),
                purpose=source.words.purpose(row.purpose),
                form=source.words.form(row.form),
            ),
        )
        for row in source.referring_steps
    ]
    lines += [_by_hand(source, row) for row in source.referrals]
    return RegisterSection(
        "referrals",
        source.say("referrals"),
        source.say("referrals_lead"),
        tuple(lines),
        source.say("referrals_empty"),
    )


def _by_hand(source: RegisterSource, row: ReferralPurpose) -> RegisterLine:
    text = source.say(
        "referral",
        senders=source.roles_named(row.senders),
        receivers=source.roles_named(row.receivers),
        n=row.days,
    )
    texts = [text, source.say("rests_on", ground=source.grounds(row.grounds))]
    if row.consents:
        texts.append(source.say("needs_consent", purposes=_purposes(source, row.consents)))
    if row.fields:
        texts.append(source.say("ticked"))
    fields = tuple(map(source.question, row.fields))
    return RegisterLine(f"hand {row.id}", source.words_of(row.words), " ".join(texts), fields)


@dataclass
class _Written:
    """What a provider is written to by: steps, what they read, and consents that they need."""

    steps: dict[str, None] = field(default_factory=dict)
    given: dict[str, None] = field(default_factory=dict)
    consents: dict[str, None] = field(default_factory=dict)


def providers(source: RegisterSource) -> RegisterSection:
    """Providers outside that automatic steps of the process write to, and what the steps read."""
    found: dict[str, _Written] = {}
    for step in source.steps:
        declared = source.services.topics.get(step.node.topic)
        for channel, _ in declared.channels if declared is not None else ():
            one = found.setdefault(channel, _Written())
            one.steps[source.words.step(step.node.id)] = None
            if declared is not None:
                one.given.update(dict.fromkeys(_read_by(source, declared)))
                one.consents.update(dict.fromkeys(filter(None, (declared.needs_consent,))))
    return RegisterSection(
        "providers",
        source.say("providers"),
        source.say("providers_lead"),
        tuple(_provider(source, channel, one) for channel, one in found.items()),
        source.say("providers_empty"),
    )


def _read_by(source: RegisterSource, declared: Declaration) -> Iterator[str]:
    """Answers that an automatic step reads, and those that its papers print."""
    yield from (*declared.reads, *declared.fields)
    for id_ in declared.papers:
        if (paper := source.side.papers.get(id_)) is not None:
            yield from paper.fields


def _provider(source: RegisterSource, channel: str, one: _Written) -> RegisterLine:
    steps = ", ".join(one.steps)
    if channel == ON_CALL:
        text = f"{source.say('on_call_text')} {source.say('on_call_steps', steps=steps)}"
        return RegisterLine(channel, source.say("on_call"), text)
    way = source.services.programme.channels.get(channel)
    texts = [source.say("provider", steps=steps)]
    if one.consents:
        texts.append(source.say("needs_consent", purposes=_purposes(source, tuple(one.consents))))
    if way is not None and way.kind == PRINT:
        texts.append(source.say("provider_nothing_leaves"))
    asked = tuple(source.question(key) for key in one.given if key in source.side.fields)
    if asked:
        texts.append(source.say("provider_given"))
    name = way.name(source.lang) if way is not None else channel
    return RegisterLine(channel, name, " ".join(texts), asked)


def papers(source: RegisterSource) -> RegisterSection:
    """Papers that are made of answers of the process."""
    lines = []
    for id_, paper in source.side.papers.items():
        everything = "*" in paper.fields
        if not everything and paper.fields and not set(paper.fields) & set(source.questions):
            continue
        purpose = source.words.purpose(paper.purpose) if paper.purpose else ""
        texts = [source.say("paper_no_answer")]
        if paper.classes:
            texts = [source.say("paper_classes", classes=source.classes(paper.classes))]
        if purpose:
            texts.append(source.say("paper_purpose", purpose=purpose))
        if everything:
            texts.append(source.say("paper_everything"))
        fields = tuple(source.question(key) for key in paper.fields if key != "*")
        lines.append(RegisterLine(id_, paper.title_in(source.lang), " ".join(texts), fields))
    return RegisterSection(
        "papers",
        source.say("papers"),
        source.say("papers_lead"),
        tuple(lines),
        source.say("papers_empty"),
    )


def transfers(source: RegisterSource) -> RegisterSection:
    """What goes to another country or to an international organisation."""
    outside = source.words.vocabulary.outside
    lines = []
    for kind in source.kinds:
        if kind not in outside:
            continue
        held = [role for role in source.roles if kind in source.kinds_of(role)]
        grounds = dict.fromkeys(
            [id_ for row in source.grants if row.role in held for id_ in row.grounds]
            + [
                id_
                for row in source.referrals
                if set(row.receivers) & set(held)
                for id_ in row.grounds
            ]
        )
        texts = [
            source.say(f"outside_{outside[kind]}"),
            source.say("outside_roles", roles=source.roles_named(held)),
        ]
        if grounds:
            texts.append(
                source.say("outside_grounds", grounds=", ".join(map(source.ground, grounds)))
            )
        lines.append(RegisterLine(kind, source.words.office_kind(kind), " ".join(texts)))
    return RegisterSection(
        "transfers",
        source.say("transfers"),
        source.say("transfers_lead"),
        tuple(lines),
        source.say("transfers_empty"),
        source.say("transfers_missing"),
    )


def sight(source: RegisterSource) -> RegisterSection:
    """What each role sees in each stage: which class flows to whom, and when."""
    lines = []
    stages = (*source.words.vocabulary.stages, ENDED)
    for role in source.roles:
        shown = source.configuration.matrix.letters.get(role, {})
        for stage in stages:
            four = shown.get(stage, NOTHING * len(CLASSES))
            parts = [
                source.say(
                    "sees", what=source.words.data_class(klass), mode=source.words.mode(letter)
                )
                for klass, letter in zip(CLASSES, four, strict=True)
                if letter != NOTHING
            ]
            text = "; ".join(parts) if parts else source.say("sees_nothing")
            at = source.words.stage(stage)
            name = f"{source.words.role(role)} · {at}"
            lines.append(
                RegisterLine(f"{role} {stage}", name, text, tuple(_narrowed(source, role, stage)))
            )
    return RegisterSection("sight", source.say("sight"), source.say("sight_lead"), tuple(lines))


def _narrowed(source: RegisterSource, role: str, stage: str) -> Iterator[str]:
    """Rows that narrow what a role sees in a stage."""
    for row in source.configuration.matrix.narrowings:
        if row.role != role or stage not in row.stages:
            continue
        classes = source.classes(row.classes)
        if row.only is not None:
            groups = ", ".join(source.group(one) for one in sorted(row.only))
            yield source.say("sees_only", classes=classes, groups=groups)
        if row.never:
            groups = ", ".join(source.group(one) for one in sorted(row.never))
            key = "sees_never_managers" if row.except_managers else "sees_never"
            yield source.say(key, classes=classes, groups=groups)
