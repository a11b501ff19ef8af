"""What an operator should know of what the person reads and says: texts and words that nobody has
signed, telephone numbers that nobody has called.
"""

from __future__ import annotations

from service.application.container import Tresteg
from service.release.translation_findings import language_findings


def card_warnings(program: Tresteg) -> list[str]:
    """A sentence for each list of words that no speaker has signed, and each telephone number of
    the card that nobody has called or sent a text; also where no number takes texts.
    """
    programme = program.services.programme
    unsigned = [
        f"No speaker has signed the words of cards in workflows/config/words/{lang}.txt."
        for lang in sorted(programme.unsigned_words)
    ]
    unchecked = [
        f"Nobody has called {one.number} from {one.country}; it stands on cards (programme.toml)."
        for one in programme.card_numbers
        if not one.checked
    ]
    silent = [
        f"Nobody has sent {one.number} a text from {one.country}; it is on cards (programme.toml)."
        for one in programme.card_text_numbers
        if not one.checked
    ]
    if not programme.card_text_numbers:
        silent = [
            (
                "No number takes texts: the card of somebody who does not hear has none"
                " (card_text_number in programme.toml)."
            )
        ]
    return unsigned + unchecked + silent


def translation_warnings(program: Tresteg) -> list[str]:
    """A sentence for each language and kind of fault of the current release; none before anything
    was published.
    """
    services = program.services
    with program.database.transaction(write=False) as tx:
        if services.has_no_release(tx):
            return []
        release = services.current(tx)
    return [found.message for found in language_findings(release.bundle, release.forms)]
