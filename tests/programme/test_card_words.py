"""The two lists of words for a safety card: enough of them, and no two that sound like each
other on a bad line.
"""

from __future__ import annotations

from pathlib import Path

import pytest

LISTS = Path(__file__).parents[2] / "workflows" / "config" / "words"
LETTERS = {"en": "abcdefghijklmnopqrstuvwxyz", "sv": "abcdefghijklmnopqrstuvwxyzåäö"}
"""The letters of each language, in the order of its alphabet."""
LEAST, MOST = 2048, 2300
SHORTEST, LONGEST = 3, 9

every_language = pytest.mark.parametrize("language", sorted(LETTERS))


def lines(language: str) -> list[str]:
    return (LISTS / f"{language}.txt").read_text("utf-8").splitlines()


def words(language: str) -> list[str]:
    return [line for line in lines(language) if not line.startswith("#")]


def one_edit_apart(all_words: list[str]) -> list[tuple[str, str]]:
    """The pairs in which one letter added, taken away or exchanged makes one word the other.

    Two words that differ in one letter leave the same rest when that letter is taken out at the
    same place; a word with a letter more leaves the other word itself.
    """
    known = set(all_words)
    rests: dict[tuple[int, str], str] = {}
    pairs = []
    for word in all_words:
        for place in range(len(word)):
            rest = word[:place] + word[place + 1 :]
            if rest in known:
                pairs.append((rest, word))
            other = rests.setdefault((place, rest), word)
            if other != word:
                pairs.append((other, word))
    return pairs


def test_the_search_for_close_words_finds_each_kind_of_edit() -> None:
    assert one_edit_apart(["katt", "hatt"]) == [("katt", "hatt")]
    assert one_edit_apart(["glas", "glass"])[0] == ("glas", "glass")
    assert one_edit_apart(["aska", "flaska", "äpple"]) == []


@every_language
def test_there_are_enough_words(language: str) -> None:
    assert LEAST <= len(words(language)) <= MOST


@every_language
def test_the_words_stand_once_and_in_the_order_of_the_alphabet(language: str) -> None:
    place = LETTERS[language].index
    found = words(language)

    assert len(found) == len(set(found))
    assert found == sorted(found, key=lambda word: [place(letter) for letter in word])


@every_language
def test_each_word_is_short_and_in_small_letters_of_its_language(language: str) -> None:
    wrong = [
        word
        for word in words(language)
        if not SHORTEST <= len(word) <= LONGEST or set(word) - set(LETTERS[language])
    ]
    assert wrong == []


@every_language
def test_no_two_words_are_one_letter_apart(language: str) -> None:
    assert one_edit_apart(words(language)) == []


@every_language
def test_comments_stand_first_and_leave_room_for_one_signature(language: str) -> None:
    all_lines = lines(language)
    comments = [line for line in all_lines if line.startswith("#")]

    assert all_lines[: len(comments)] == comments
    assert len([line for line in comments if line.startswith("# signed:")]) == 1
