"""The papers of a draft: what each prints, and its file to take and to bring."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from service.release.paper_templates import ENDING, FOLDER, read_papers
from service.web.page_policy import page_policy
from service.web.pages.workshop.configuration.configuration_page import load, page

bp = Blueprint("draft_papers", __name__)


@bp.get("/drafts/<draft>/configuration/papers")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """Every paper: its title, what it prints, and its file."""
    loaded = load(draft)
    papers = read_papers(loaded.bundle)
    lang = loaded.words.lang
    return page(
        loaded,
        "processes/configuration/papers.html",
        now={},
        faults={},
        files=(f"{FOLDER}/",),
        papers=[
            (
                f"{FOLDER}/{id_}{ENDING}",
                paper.title_in(lang),
                [loaded.words.question(key) for key in paper.fields],
                [loaded.words.data_class(one) for one in sorted(paper.classes)],
                loaded.words.purpose(paper.purpose) if paper.purpose else "",
            )
            for id_, paper in papers.items()
        ],
        parts=sorted(
            f"{FOLDER}/{name}"
            for name in loaded.bundle.under(FOLDER, ENDING)
            if name.removesuffix(ENDING) not in papers
        ),
    )
