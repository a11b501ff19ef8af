"""The state: small, flat, the same bytes for the same case, and nothing else but a refusal for
bytes that are none.
"""

from __future__ import annotations

import random
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import msgpack
import pytest

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.spiff.codec import decode, encode, unpack
from service.engine.spiff.patches import turn
from service.engine.types import Complete, Start, Stimulus
from service.errors import TrestegError, WrongDefinition
from tests.engine.fold import fold, turns
from tests.engine.generated.test_random import walk
from tests.engine.walks import MONDAY, Walk, small, straight
from tests.support.diagrams import (
    border,
    catch,
    each,
    end,
    job,
    node,
    nodes,
    start,
    sub,
    timer,
    xor,
)
from tests.support.scale import figure

SPOILED = figure("bytes")


def looped() -> Walk:
    gates = xor("m") + nodes("parallelGateway", "f j") + xor("g", default="g_m")
    work = nodes("userTask", "a b") + catch("w", timer("Duration", "PT1H"))
    return Walk(small(gates + work, "s>m m>f f>a f>b a>j b>j j>w w>g g>m g>e[yes]"))


def test_a_loop_of_two_thousand_turns_keeps_a_flat_state() -> None:
    case, sizes = looped(), []
    for number in range(2_000):
        for element in "ab" if number % 3 else "ba":
            case.do(element)
        case.do("w")
        sizes.append(len(case.state))
    assert max(sizes) < 160
    assert max(sizes[1000:]) - sizes[10] <= 16
    case.do("a")
    case.do("b", yes=True)
    case.do("w")
    assert case.turn.finished


def test_the_state_of_a_case_with_twenty_five_tasks_stays_small() -> None:
    names = " ".join(f"task_{n}" for n in range(25))
    guards = "".join(
        border(f"late_{n}", f"task_{n}", timer("Duration", "P5D"), interrupting=False)
        + nodes("userTask", f"remind_{n}")
        for n in range(12)
    )
    flow = " ".join(f"late_{n}>remind_{n} remind_{n}>f" for n in range(12))
    case, largest = Walk(straight(names, guards + end("f"), flow)), 0
    while not case.turn.finished:
        case.do(case.open("task")[0])
        largest = max(largest, len(case.state))
    assert largest < 1_000


@dataclass(frozen=True)
class Noted:
    """A fact as the fold sees it."""

    definition: tuple[str, str]
    stimulus: Stimulus
    now: datetime
    seed: str


def test_folding_the_facts_twice_gives_the_same_bytes() -> None:
    case = looped()
    for element in ("a", "b", "w", "b"):
        case.do(element)
    facts = [Noted(("1", "p"), *line) for line in case.log]
    definitions = {("1", "p"): case.definition}
    assert fold(definitions, facts) == fold(definitions, facts) == case.state
    assert [t.state for t in turns(definitions, facts)][-1] == case.state
    assert fold(definitions, facts[2:], fold(definitions, facts[:2])) == case.state


def rich() -> Walk:
    """A case with something of everything in its state."""
    inside = (
        each("list", "x", "out", "x") + start("is") + nodes("userTask", "b") + job("j") + end("ie")
    )
    guard = border("t", "a", timer("Cycle", "R3/P1D"), interrupting=False) + nodes("userTask", "r")
    work = (
        nodes("userTask", "a")
        + guard
        + sub("box", inside, "is>b b>j j>ie")
        + nodes("parallelGateway", "f k")
    )
    return Walk(
        small(work, "s>f f>a f>box a>k box>k k>e t>r r>c", "e c"), Start({"list": [1, "two"]})
    )


def spoil(body: bytes, dice: random.Random) -> bytes:
    """A flip, a cut or a swap."""
    spoiled = bytearray(body)
    match dice.randrange(3):
        case 0:
            spoiled[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        case 1:
            del spoiled[dice.randrange(len(body)) :]
        case _:
            i, j = dice.randrange(len(body)), dice.randrange(len(body))
            spoiled[i], spoiled[j] = spoiled[j], spoiled[i]
    return bytes(spoiled)


def test_bytes_that_are_no_state_are_refused() -> None:
    case, dice = rich(), random.Random(7)  # noqa: S311 - a test wants the same bytes again
    task = Complete(case.one("a").id)
    for _ in range(SPOILED):
        spoiled = spoil(case.state, dice)
        if spoiled not in {b"", case.state}:
            with pytest.raises(WrongDefinition):
                advance(case.definition, spoiled, task, now=MONDAY, seed="2")


def test_forged_bytes_never_do_more_than_stop_the_turn() -> None:
    case, dice = rich(), random.Random(8)  # noqa: S311 - a test wants the same bytes again
    task, body = Complete(case.one("a").id), case.state[:-4]
    for _ in range(SPOILED):
        spoiled = spoil(body, dice)
        if spoiled:
            with suppress(TrestegError):
                advance(
                    case.definition,
                    spoiled + zlib.crc32(spoiled).to_bytes(4, "big"),
                    task,
                    now=MONDAY,
                    seed="2",
                )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        msgpack.packb(7),
        msgpack.packb([2, "x"]),
        msgpack.packb([1]),
        msgpack.packb([1, "x", False, [], "", {}, {}, {}, [], 9]),
    ],
)
def test_well_packed_nonsense_is_refused_too(body: bytes) -> None:
    with pytest.raises(WrongDefinition):
        unpack(body + zlib.crc32(body).to_bytes(4, "big"))


def test_a_state_that_names_what_the_definition_lacks_is_refused() -> None:
    case = Walk(straight("a"))
    stored = unpack(case.state)
    stored.scopes[0][2][0][2] = "elsewhere"
    with turn(MONDAY, "2"), pytest.raises(WrongDefinition):
        decode(case.definition, stored)
    stored.scopes[0] = ("9.9", "p", [])
    with turn(MONDAY, "2"), pytest.raises(WrongDefinition):
        decode(case.definition, stored)


def test_the_state_holds_no_code_and_no_names_of_people() -> None:
    for seed in (2, 4, 6):
        for _, state in walk(seed):
            assert b"import" not in state
            assert b"=" not in state[:-4] or b"= " not in state


def test_decoded_states_encode_to_the_same_bytes_in_any_order() -> None:
    drawn = straight("a b")
    one = advance(drawn, b"", Start({"n": 1, "yes": True, "text": "x"}), now=MONDAY, seed="1").state
    two = advance(drawn, b"", Start({"text": "x", "yes": True, "n": 1}), now=MONDAY, seed="1").state
    assert one == two
    with turn(MONDAY, "2"):
        assert encode(decode(drawn, unpack(one))) == one


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize("output", ["x", ""])
def test_a_running_list_is_kept_as_format_1_has_always_kept_it(
    sequential: bool,  # noqa: FBT001 - a parameter of the test
    output: str,
) -> None:
    """How many instances have begun and have ended, not the library's lists of which: the digest of
    each state stands in its fact.
    """
    marker = each("list", "x", "out" if output else "", output, sequential=sequential)
    case = Walk(small(node("userTask", "a", marker), "s>a a>e"), Start({"list": [7, 8, 9]}))
    case.do("a", len(case.open()) - 1)
    _, _, rows = unpack(case.state).scopes[0]
    (memory,) = [row[7] for row in rows if row[3] in {"Each", "EachInTurn"}]
    ended = [[0, 7]] if sequential else [[2, 9]]
    assert memory == {
        "begun": 2 if sequential else 3,
        "done": 1,
        "items": [7, 8, 9],
        "out": ended if output else [],
    }


@pytest.mark.parametrize("sequential", [True, False])
def test_a_running_list_goes_on_in_a_process_that_has_begun_no_instance(
    sequential: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    def drawn() -> Definition:
        marker = each("list", "x", "out", "x + n", sequential=sequential)
        return small(node("userTask", "a", marker), "s>a a>e")

    case = Walk(drawn(), Start({"list": [7, 8, 9], "n": 0}))
    while not case.turn.finished:
        case.do("a", len(case.open()) - 1, n=10)
        case.definition = drawn()
    assert case.turn.variables["out"] == [17, 18, 19]
