"""What a proof bundle leaves out, and why: a file in it, in every language of the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.store.casefile.cases import CaseSummary
from service.text import languages, say


@dataclass(frozen=True, slots=True)
class NotInBundle:
    """What was chosen, and how much of it could not be taken.

    `newer` is stream to its entries that have no place in the log yet, `later` how many entries of
    the releases came after the last one that the cases need.
    """

    cases: tuple[CaseSummary, ...]
    reads: bool
    answers: bool
    newer: Mapping[str, int] = field(default_factory=dict)
    later: int = 0


def left_out_text(what: NotInBundle) -> str:
    """The file: one part for each language."""
    parts = ([say("proof.left_out", lang), *_lines(what, lang)] for lang in languages())
    return "\n\n".join("\n- ".join(lines) for lines in parts) + "\n"


def _lines(what: NotInBundle, lang: str) -> Iterator[str]:
    for stream, n in what.newer.items():
        if n:
            yield say("proof.out_newer", lang, stream=stream, n=n)
    if what.later:
        yield say("proof.out_later", lang, n=what.later)
    if what.cases and not what.reads:
        yield say("proof.out_reads", lang)
    if what.cases and not what.answers:
        yield say("proof.out_answers", lang)
    if what.cases:
        yield say("proof.left_answers", lang)
        yield say("proof.left_files", lang)
    yield say("proof.left_names", lang)
    yield say("proof.out_streams", lang)
