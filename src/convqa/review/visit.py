"""One request: who visits, in which language, with which token for forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request
from jinja2 import Environment

from convqa.report.wording import Wording
from convqa.review.wording import load_words, negotiate
from convqa.store.database import Database
from convqa.store.desk_settings import DeskSettings, read_settings
from convqa.store.notes import has_accepted_notice
from convqa.store.scored_memory import ScoredMemory
from convqa.store.sessions import session_viewer
from convqa.store.viewers import Viewer

SESSION_COOKIE = "convqa_session"
VISITOR_COOKIE = "convqa_visitor"
LANGUAGE_COOKIE = "convqa_language"
THEME_COOKIE = "convqa_theme"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Desk:
    """What all requests share. `secret` signs tokens of forms; `assets` maps name to address."""

    database: Database
    secret: bytes
    templates: Environment
    assets: Mapping[str, str]
    scored: ScoredMemory = field(default_factory=ScoredMemory)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who visits; `viewer` is None before signing in, `session` is the browser's token."""

    desk: Desk
    words: Wording
    settings: DeskSettings
    viewer: Viewer | None
    session: str
    theme: str
    path: str
    needs_notice: bool

    @property
    def database(self) -> Database:
        """The database of the desk."""
        return self.desk.database

    @property
    def reader(self) -> Viewer:
        """Who has signed in; only for routes that are not public."""
        if self.viewer is None:
            raise LookupError("a public route has no viewer; name roles for it")
        return self.viewer


def visit_of(request: Request) -> Visit:
    """Return the visit of a request, looked up once."""
    known: Visit | None = getattr(request.state, "visit", None)
    if known is None:
        known = _look_up(request)
        request.state.visit = known
    return known


def bare_visit(request: Request) -> Visit:
    """Return the visit of somebody nobody could look up: for when the database does not answer."""
    return _visit(request, None, DeskSettings())


def _look_up(request: Request) -> Visit:
    desk: Desk = request.app.state.desk
    session = request.cookies.get(SESSION_COOKIE, "")
    viewer = session_viewer(desk.database, session) if session else None
    return _visit(request, viewer, read_settings(desk.database))


def _visit(request: Request, viewer: Viewer | None, settings: DeskSettings) -> Visit:
    chosen = None if viewer is None else viewer.language
    language = negotiate(
        chosen or request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "")
    )
    theme = request.cookies.get(THEME_COOKIE, "auto")
    needs_notice = (
        viewer is not None
        and viewer.role == "agent"
        and not has_accepted_notice(request.app.state.desk.database, viewer)
    )
    return Visit(
        desk=request.app.state.desk,
        words=load_words(language),
        settings=settings,
        viewer=viewer,
        session=request.cookies.get(SESSION_COOKIE, ""),
        theme=theme if theme in THEMES else "auto",
        path=request.url.path,
        needs_notice=needs_notice,
    )
