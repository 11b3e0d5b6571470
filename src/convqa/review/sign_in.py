"""Signing in and out, and the language before that."""

import secrets
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

from convqa.errors import ReviewError
from convqa.review.access import EVERYONE, PUBLIC, Pages
from convqa.review.errors import go, local_path
from convqa.review.forms import Form
from convqa.review.render import render, visible_nav
from convqa.review.tokens import holder_of
from convqa.review.visit import LANGUAGE_COOKIE, SESSION_COOKIE, VISITOR_COOKIE, visit_of
from convqa.schema import LANGUAGES
from convqa.store.sessions import ABSOLUTE, sign_in, sign_out
from convqa.store.users import set_language

pages = Pages()

_YEAR_S = 365 * 24 * 3600


def set_cookie(request: Request, response: Response, name: str, value: str, max_age_s: int) -> None:
    """Set a cookie that scripts cannot read and that only goes to the desk."""
    response.set_cookie(
        name, value, max_age=max_age_s, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip


@pages.get("/", PUBLIC)
def home(request: Request) -> Response:
    """Lead to the first page of the navigation, or to signing in."""
    visit = visit_of(request)
    if visit.viewer is None:
        return go("/sign-in")
    if visit.needs_notice:
        return go("/notice")
    nav = visible_nav(request, visit)
    return go(nav[0].path if nav else "/account")


@pages.get("/sign-in", PUBLIC)
def sign_in_page(request: Request) -> Response:
    """Show the form, or lead on who has signed in."""
    wanted = local_path(request.query_params.get("next", "/"))
    if visit_of(request).viewer is not None:
        return go(wanted)
    return _form(request, wanted)


def _form(request: Request, wanted: str, *, username: str = "", is_wrong: bool = False) -> Response:
    if not holder_of(request):
        # The token of the form is bound to a cookie, so there must be one first.
        visitor = secrets.token_urlsafe(16)
        request.cookies[VISITOR_COOKIE] = visitor
    values: Mapping[str, object] = {"wanted": wanted, "username": username, "is_wrong": is_wrong}
    status = 401 if is_wrong else 200
    response = render(request, "sign_in.html.j2", status=status, **values)
    set_cookie(request, response, VISITOR_COOKIE, request.cookies.get(VISITOR_COOKIE, ""), _YEAR_S)
    return response


@pages.post("/sign-in", PUBLIC)
def try_to_sign_in(request: Request, form: Form) -> Response:
    """Start a session, or show the form again without telling which part was wrong."""
    wanted = local_path(form.text("next", "/"))
    username = form.text("username")
    address = request.client.host if request.client else "unknown"
    try:
        token = sign_in(
            visit_of(request).database, username, form.exact("password"), address=address
        )
    except ReviewError:
        return _form(request, wanted, username=username, is_wrong=True)
    response = go(wanted)
    set_cookie(request, response, SESSION_COOKIE, token, int(ABSOLUTE.total_seconds()))
    return response


@pages.post("/sign-out", EVERYONE, before_notice=True)
def end_session(request: Request) -> Response:
    """End the session on the server, and forget the cookie."""
    visit = visit_of(request)
    sign_out(visit.database, visit.session)
    response = go("/sign-in")
    response.delete_cookie(SESSION_COOKIE)
    return response


@pages.post("/language", PUBLIC)
def choose_language(request: Request, form: Form) -> Response:
    """Keep a language: with the account, or before signing in with the browser."""
    visit = visit_of(request)
    language = form.text("language")
    response = go(local_path(form.text("next", "/")))
    if language not in LANGUAGES:
        return response
    if visit.viewer is not None:
        set_language(visit.database, visit.viewer, language)
    set_cookie(request, response, LANGUAGE_COOKIE, language, _YEAR_S)
    return response
