"""What holds for every page: policies, headers, hosts, where requests come from, faults."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from service import errors
from service.casework import clock_guard
from service.errors import BadSettings, TrestegError
from service.text import known
from service.web import statuses
from service.web.page_policy import PAGE_POLICIES, POLICIES, require_policies
from tests.support.world import NOON, World


def test_every_view_says_what_it_is(world: World) -> None:
    assert {
        view for view in world.app.view_functions.values() if view not in PAGE_POLICIES
    } == set()


def test_a_view_without_a_policy_stops_the_start() -> None:
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/bare", "bare", lambda: "open")
    with pytest.raises(BadSettings, match="bare has no page policy"):
        require_policies(app)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/sign-in", 200, "plain"),
        ("/no/such/page", 404, "plain"),
        ("/inbox", 303, "polling"),
        ("/healthz", 200, "file"),
    ],
)
def test_every_answer_bears_the_policy_of_its_kind(
    world: World, path: str, status: int, kind: str
) -> None:
    answer = world.browser().get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == POLICIES[kind]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_built_files_may_be_kept_for_ever(world: World) -> None:
    page = world.browser().get("/sign-in")
    address = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = world.browser().get(address, buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == POLICIES["file"]


def test_another_hosts_name_is_not_answered(world: World) -> None:
    answer = world.app.test_client().get("/sign-in", base_url="http://evil.example")
    assert answer.status_code == 400
    assert "<html" not in answer.text
    assert (
        world.app.test_client().get("/healthz", base_url="http://127.0.0.1:5000").status_code == 200
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_from_elsewhere_is_refused(world: World, headers: dict[str, str]) -> None:
    browser = world.browser("sara")
    browser.get("/settings")
    browser.headers = headers
    assert browser.post("/settings", {"theme": "dark"}).status_code == 403
    assert "theme" not in world.person("sara").settings


def test_an_old_browser_may_name_our_origin_instead(world: World) -> None:
    browser = world.browser("sara")
    browser.get("/settings")
    browser.headers = {"Origin": "http://localhost"}
    assert browser.post("/settings", {"theme": "dark"}).status_code == 303


def test_a_form_without_its_token_is_refused(world: World) -> None:
    browser = world.browser("sara")
    browser.get("/settings")
    assert browser.post("/settings", {"theme": "dark", "csrf_token": ""}).status_code == 403
    assert browser.post("/settings", {"theme": "dark", "csrf_token": "forged"}).status_code == 403
    assert "theme" not in world.person("sara").settings


def test_a_token_of_another_session_is_no_token(world: World) -> None:
    hers, his = world.browser("sara"), world.browser("omar")
    hers.get("/settings")
    his.get("/settings")
    assert (
        his.post(
            "/settings", {"theme": "dark", "csrf_token": hers.hidden()["csrf_token"]}
        ).status_code
        == 403
    )


def test_every_code_has_a_status_and_texts() -> None:
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, TrestegError)
    }
    assert codes == set(statuses.STATUSES)
    shown = (
        {code for code in codes if statuses.STATUSES[code] != 500}
        | set(statuses.CODES.values())
        | {"bad_request"}
    )
    assert {
        code for code in shown if not (known(f"error.{code}.title") and known(f"error.{code}.text"))
    } <= {"mail_refused", "not_due", "cannot_move"}


def test_a_page_that_is_not_hers_looks_like_no_page(world: World) -> None:
    browser = world.browser("maja")
    hers, none = browser.get("/inbox"), browser.get("/inbos")
    assert (hers.status_code, none.status_code) == (404, 404)
    assert hers.text.replace("/inbox", "/inbos").split("<main")[1] == none.text.split("<main")[1]


def test_a_wrong_method_says_which_are_right(world: World) -> None:
    answer = world.browser().get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_too_much_is_refused_before_it_is_read(world: World) -> None:
    browser = world.browser("sara")
    browser.get("/settings")
    assert browser.post("/settings", {"theme": "x" * 3 * 1024 * 1024}).status_code == 413


def test_a_fault_of_ours_shows_an_id_and_nothing_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def fall() -> str:
        raise ZeroDivisionError("Anna Andersson, born 1990")

    world.app.view_functions["help.page"] = fall
    PAGE_POLICIES[fall] = PAGE_POLICIES[world.app.view_functions["help.accessibility"]]
    answer = world.browser().get("/help")
    told = capsys.readouterr()
    assert answer.status_code == 500
    assert "Andersson" not in answer.text + told.out + told.err
    assert "Traceback" not in answer.text + told.out + told.err
    id_ = answer.text.split("<code>")[1].split("</code>")[0]
    assert id_ in told.err
    assert "ZeroDivisionError" in told.err


def test_a_script_hears_of_a_fault_as_json(world: World) -> None:
    answer = world.browser().get("/inbox", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "sign_in_needed"


def test_a_report_of_the_browser_logs_the_directive_alone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    report = {
        "csp-report": {
            "document-uri": "http://localhost/cases/secret",
            "effective-directive": "script-src-elem",
        }
    }
    assert world.app.test_client().post("/csp", json=report).status_code == 204
    told = capsys.readouterr().err
    assert "script-src-elem" in told
    assert "secret" not in told


def test_the_program_answers_while_firing_is_paused_and_says_so(world: World) -> None:
    world.worker().beat()
    with world.program.database.transaction() as tx:
        clock_guard.pause(tx, now=NOON, by=timedelta(days=400))
    answer = world.browser().get("/readyz")
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"ready": True, "why": [], "timers": "paused"},
    )


def test_the_program_says_whether_it_is_ready(world: World) -> None:
    world.worker().beat()
    assert world.browser().get("/readyz").get_json() == {"ready": True, "why": [], "timers": "fire"}
    assert world.browser().get("/.well-known/security.txt").text.startswith("Contact: ")


NOWHERE = (
    "/cases/%00",
    "/tasks/x%00y",
    "/files/%00",
    "/referrals/%00",
    "/inbox?sender=%00",
    "/inbox?%00=x",
    "/v1/cases/%00",
    "/v1/tasks/%00/form",
    "/v1/tasks?sender=%00",
)


def test_an_address_that_holds_what_no_text_holds_leads_nowhere(shipped_world: World) -> None:
    sara = shipped_world.browser("sara")
    assert {path: sara.get(path).status_code for path in NOWHERE} == dict.fromkeys(NOWHERE, 404)
