"""How far a batch has come, as the browser asks for it every two seconds."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from service.store.work import batches
from service.store.work.batches import Batch


def draw_progress(run: Batch | None, words: str) -> ResponseReturnValue:
    """The bar of a batch that runs; when it is over, the browser is asked to load the page anew.

    Args:
        words: table of the texts `running` and `progress`.
    """
    if run is None or run.state != batches.RUNNING:
        return Response(status=204, headers={"HX-Refresh": "true"})
    return render_template("batch_progress.html", run=run, words=words)
