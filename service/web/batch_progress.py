"""How far a batch has come, as the browser asks for it every two seconds."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from service.store.work import batches
from service.store.work.batches import Batch


def draw_progress(run: Batch | None, *, progress: str, running: str) -> ResponseReturnValue:
    """The bar of a batch that runs; when it is over, the browser is asked to load the page anew.

    Args:
        progress, running: keys of its texts.
    """
    if run is None or run.state != batches.RUNNING:
        return Response(status=204, headers={"HX-Refresh": "true"})
    return render_template(
        "macros/batch_progress.html", run=run, progress=progress, running=running
    )
