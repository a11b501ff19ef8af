"""What a ground in law is called, on every page, paper and message that names one."""

from __future__ import annotations

from service.release.labels import localized_name
from service.release.programme.ground_rules import SecrecyGrounds
from service.text import say


def ground_text(grounds: SecrecyGrounds, id_: str, lang: str) -> str:
    """The words of a ground, and that a lawyer is to confirm it until one has; "" where there is no
    such ground.
    """
    ground = grounds.ground(id_)
    if ground is None:
        return ""
    words = localized_name(ground.words, lang)
    if grounds.is_confirmed(id_):
        return words
    return say("ground.to_confirm", lang, ground=words)
