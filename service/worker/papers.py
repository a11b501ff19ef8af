"""Papers that a handler asks for, made between two transactions."""

from __future__ import annotations

from dataclasses import replace

from service.binding import Answer
from service.casework.commands.handler_papers import HandlerPaper, compose_papers
from service.errors import HandlerFailed, PaperFailed
from service.store.work import jobs
from service.worker.state import WorkerState


def made_papers(worker: WorkerState, job: jobs.Job, answer: Answer) -> tuple[HandlerPaper, ...]:
    """The papers of an answer, with their content.

    Raises:
        TaskClosed: the job is gone.
        HandlerFailed: one may not be made, or its template does not work.
    """
    if not answer.papers:
        return ()
    now = worker.clock.now()
    with worker.database.transaction(write=False) as tx:
        composed = compose_papers(
            tx, worker.services, job_key=job.key, papers=answer.papers, now=now
        )
    made = []
    for paper in composed:
        try:
            content = worker.compilers.compile(paper.source, paper.data, at=now)
        except PaperFailed as e:
            raise HandlerFailed(f"no paper comes of {paper.template}: {e.facts['why']}") from e
        made.append(replace(paper, content=content))
    return tuple(made)
