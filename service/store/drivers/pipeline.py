"""Statements to PostgreSQL as one message, and its answers to them.

They are prepared on the connection the first time. The pipeline mode of psycopg's cursors sends
each statement by itself and looks for answers in between, so that server and program wake each
other for every one of them; here all are handed to libpq first, which sends them together.
Source: libpq, "Pipeline Mode"; `psycopg.pq`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

Message: TypeAlias = "tuple[str, Sequence[Sequence[object]]]"
"""A statement, with each set of values in the order of its places; one empty set for none."""

FAILED: Final = ExecStatus.FATAL_ERROR
SKIPPED: Final = ExecStatus.PIPELINE_ABORTED


class ServerAnswer:
    """What the server answered to one statement, as a cursor hands it out."""

    __slots__ = ("_rows", "rowcount", "said")

    def __init__(self, rows: list[tuple[Any, ...]], rowcount: int, said: str) -> None:
        self._rows = rows
        self.rowcount = rowcount
        self.said = said
        """Its command, such as `COMMIT`."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Every row."""
        return self._rows

    def fetchmany(self, most: int) -> list[tuple[Any, ...]]:
        """The first rows."""
        return self._rows[:most]

    def close(self) -> None:
        """Nothing is left open."""


class Pipeline:
    """The statements that one connection has prepared, and the way to run them together."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self._driver = driver
        self._transformer = Transformer(driver)
        self._names: dict[str, bytes] = {}
        self._numbers = count()

    def run(self, messages: Sequence[Message]) -> list[ServerAnswer]:
        """Send statements together; gives the answer to each.

        The first that fails ends the pipeline: those after it are not run.

        Raises:
            psycopg.Error: the fault of the first statement that failed, or a lost connection.
        """
        pgconn = self._driver.pgconn
        pgconn.enter_pipeline_mode()
        queued: list[str | None] = []
        fault: Exception | None = None
        try:
            try:
                for message in messages:
                    self._queue(message, queued)
            except Exception as e:  # noqa: BLE001 - a value that cannot be sent; raised below
                fault = e
            pgconn.pipeline_sync()
            found = self._driver.wait(self._exchange(len(queued) + 1))
            pgconn.exit_pipeline_mode()
        except BaseException:
            # answers are left on their way, so nobody may use this connection again
            if pgconn.status == ConnStatus.OK:
                self._driver.close()
            raise
        answers = self._answers(queued, found)
        if fault is not None:
            raise fault
        return self._gathered(messages, answers)

    def _queue(self, message: Message, queued: list[str | None]) -> None:
        """Hand a statement to libpq, and remember what each answer will be to: the text of a
        statement that is being prepared, or None.
        """
        pgconn, (text, batch) = self._driver.pgconn, message
        name = self._names.get(text)
        if name is None:
            name = self._names[text] = b"t%d" % next(self._numbers)
            pgconn.send_prepare(name, text.encode())
            queued.append(text)
        for values in batch:
            given = self._transformer.dump_sequence(values, _formats(values))
            pgconn.send_query_prepared(name, given, self._transformer.formats)
            queued.append(None)

    def _exchange(self, expected: int) -> Generator[Any, Any, list[list[PGresult]]]:
        yield from send(self._driver.pgconn)
        found: list[list[PGresult]] = []
        while len(found) < expected:
            results = yield from fetch_many(self._driver.pgconn)
            found.append(results)
        return found

    def _answers(self, queued: Sequence[str | None], found: list[list[PGresult]]) -> list[PGresult]:
        """The answers to what was run.

        Raises:
            psycopg.Error: the fault of the first statement that failed.
        """
        answers, fault = [], None
        for text, results in zip(queued, found, strict=False):
            result = results[0]
            if result.status in (FAILED, SKIPPED):
                if text is not None:
                    self._names.pop(text, None)
                if fault is None and result.status == FAILED:
                    fault = psycopg.errors.error_from_result(result, encoding="utf-8")
            elif text is None:
                answers.append(result)
        if fault is not None:
            raise fault
        return answers

    def _gathered(self, messages: Sequence[Message], results: list[PGresult]) -> list[ServerAnswer]:
        """One answer for each statement; that to a batch counts the rows of all its sets."""
        answers, left = [], iter(results)
        for _, batch in messages:
            rows: list[tuple[Any, ...]] = []
            changed, said = 0, ""
            for _, result in zip(batch, left, strict=False):
                if result.ntuples:
                    self._transformer.set_pgresult(result)
                    rows += self._transformer.load_rows(0, result.ntuples, tuple)
                changed += result.command_tuples or 0
                said = (result.command_status or b"").decode()
            answers.append(ServerAnswer(rows, changed, said))
        return answers


def _formats(values: Sequence[object]) -> list[PyFormat]:
    """Bytes go as they are, everything else as text whose kind the statement says."""
    return [PyFormat.BINARY if isinstance(value, bytes) else PyFormat.TEXT for value in values]
