"""`/ledger/...`: signed heads of the log, and proofs between them, for witnesses.

How much happens when is nobody else's business, so there is a token of its own.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify, request

from service.audit.proof.log_proofs import load_log_proofs
from service.errors import NotFound
from service.store.installation import checkpoints
from service.web.page_policy import page_policy
from service.web.request_context import current, whole_number

bp = Blueprint("ledger_heads", __name__)


@bp.get("/ledger/checkpoint")
@page_policy("file", signed_in=False, alone=True)
def checkpoint() -> Response:
    """The newest head.

    Raises:
        NotFound: who asks has no token, or nothing is signed yet.
    """
    _require_token()
    with current().transaction() as tx:
        kept = checkpoints.newest(tx)
    if kept is None:
        raise NotFound
    return Response(kept.note, content_type="text/plain; charset=utf-8")


@bp.get("/ledger/consistency")
@page_policy("file", signed_in=False, alone=True)
def consistency() -> Response:
    """The proof that the log of `from` lines is the beginning of the log of `to` lines.

    Raises:
        NotFound: who asks has no token, or the log never had so many lines.
    """
    _require_token()
    first, second = (whole_number(request.args.get(name)) for name in ("from", "to"))
    with current().transaction() as tx:
        log = load_log_proofs(tx)
    if log is None or first is None or second is None or not 0 < first <= second <= log.tree.size:
        raise NotFound
    path = [node.hex() for node in log.tree.consistency_proof(first, second)]
    return jsonify({"from": first, "to": second, "path": path})


def _require_token() -> None:
    token = current().program.settings.witness_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound
