"""The page of a bundle for people: a file that a browser opens from the disk, without script.

It names no person: those are ids in the ledger too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from service.casework.history import narrative
from service.records.context import Services
from service.security.records import LedgerEntry
from service.standalone.verify import SENTENCES, Said, Verifier
from service.store.casefile import cases
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import known, say

STYLE: Final = """
:root { color-scheme: light dark; --rule: #b5bdc4; --soft: #f2f5f7; --text: #1b1d1f; --page: #fff; --good: #0f6b3e; --note: #7a4a00 }
@media (prefers-color-scheme: dark) { :root { --rule: #4a545c; --soft: #20262b; --text: #eceff1; --page: #14181b; --good: #7bd3a4; --note: #e6b567 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem }
p, li { max-width: 46rem; overflow-wrap: anywhere }
ul { padding-left: 1.25rem }
.sides { display: grid; gap: 0 2rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)) }
.good h2 { color: var(--good) } .note h2 { color: var(--note) }
code { font: .875rem ui-monospace, monospace; overflow-wrap: anywhere }
pre { padding: .75rem 1rem; background: var(--soft); border-radius: .25rem; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: .9375rem }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
td { overflow-wrap: anywhere; min-width: 4.5rem }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-top: 1px solid var(--rule) }
thead th { border-top: 0; border-bottom: 2px solid var(--rule) }
@media (max-width: 44rem) {
  thead { display: none }
  tr { display: block; border-top: 2px solid var(--rule); padding: .5rem 0 }
  td { display: block; border: 0; padding: .125rem 0; overflow-wrap: anywhere }
  td::before { content: attr(data-label) ": "; font-weight: 600 }
}
"""  # noqa: E501 - a style sheet as it is written
COLUMNS: Final = ("line", "when", "what", "who", "office", "place", "hash")


def viewer_page(
    tx: Tx,
    services: Services,
    shown: Sequence[cases.CaseSummary],
    placed: Mapping[str, Sequence[LedgerEntry]],
    places: Mapping[tuple[str, int], int],
    found: Verifier,
    lang: str,
) -> bytes:
    """The page of a bundle.

    Args:
        placed: entries by stream; `places`: stream and number to the place in the log.
        found: what the verifier says of the bundle without this page.
    """
    texts_of = {
        (f"case/{case.id}", entry.n): entry.text
        for case in shown
        for entry in narrative.load_history(tx, services, case.id, lang, named=False)
    }
    names = offices.names(tx)
    title = _title(shown, lang)
    captions = _captions(shown if len(shown) > 1 else (), placed, names, lang)
    parts = [
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ',
        "style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1><p>{escape(say('proof.viewer_lead', lang))}</p>",
        "<pre>pip install cryptography\npython verify.py .</pre>",
        '<div class="sides">',
        _list("good", say("proof.proven", lang), sentences(found.proven, lang)),
        _list("note", say("proof.not_proven", lang), sentences(found.not_proven, lang)),
        "</div>",
        *_tables(placed, places, texts_of, names, captions, lang),
        "</main></body></html>\n",
    ]
    return "".join(parts).encode()


def _title(shown: Sequence[cases.CaseSummary], lang: str) -> str:
    if len(shown) == 1:
        return say("proof.viewer_title", lang, ref=shown[0].ref)
    return say("proof.viewer_title_many", lang)


def sentences(said: Sequence[Said], lang: str) -> list[str]:
    """What the verifier says, in one of its languages; Swedish for any other."""
    at = 2 if lang == "en" else 1
    table = {line.split(" | ")[0]: line.split(" | ")[at] for line in SENTENCES.splitlines()}
    return [table[key].format(**facts) for key, facts in said]


def _list(kind: str, title: str, texts: Sequence[str]) -> str:
    rows = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<section class="{kind}"><h2>{escape(title)}</h2><ul>{rows}</ul></section>'


def _tables(
    placed: Mapping[str, Sequence[LedgerEntry]],
    places: Mapping[tuple[str, int], int],
    texts_of: Mapping[tuple[str, int], str],
    names: Mapping[str, str],
    captions: Mapping[str, str],
    lang: str,
) -> Iterator[str]:
    """One table for each stream."""
    labels = [say(f"proof.column_{column}", lang) for column in COLUMNS]
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    for stream, lines in placed.items():
        if not lines:
            continue
        yield f"<h2>{escape(captions[stream])}</h2>"
        yield f"<table><caption><code>{escape(stream)}</code></caption>"
        yield f"<thead><tr>{head}</tr></thead><tbody>"
        for line in lines:
            yield "<tr>"
            cells = (
                str(line.seq),
                f"{line.at:%Y-%m-%d %H:%M:%S}",
                texts_of.get((stream, line.seq)) or _kind(line, names, lang),
                line.actor,
                names.get(line.office, line.office),
                str(places[stream, line.seq]),
                line.hash,
            )
            for label, cell in zip(labels, cells, strict=True):
                text = f"<code>{escape(cell)}</code>" if cell == line.hash else escape(cell)
                yield f'<td data-label="{escape(label)}">{text or "–"}</td>'
            yield "</tr>"
        yield "</tbody></table>"


def _captions(
    many: Sequence[cases.CaseSummary],
    placed: Mapping[str, Sequence[LedgerEntry]],
    names: Mapping[str, str],
    lang: str,
) -> dict[str, str]:
    """What each stream is called, with the case, where there are many, or the office it is of."""
    refs = {case.id: case.ref for case in many}
    found = {}
    for stream in placed:
        kind, _, id_ = stream.partition("/")
        whose = refs.get(id_) or names.get(id_, "")
        title = say(f"proof.stream_{kind}", lang)
        found[stream] = f"{title}: {whose}" if whose else title
    return found


def _kind(line: LedgerEntry, names: Mapping[str, str], lang: str) -> str:
    """What a line of another stream than the case's tells."""
    who = names.get(line.office) or say("word.somebody", lang)
    for key in (f"proof.kind_{line.kind}", f"line.{line.kind}"):
        if known(key):
            return say(key, lang, who=who, task="", to="", purpose="", reason="", office=who)
    return say("line.other", lang, who=who, what=line.kind)
