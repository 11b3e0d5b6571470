"""The own account: language and password; and the notice that an agent reads before first use."""

from fastapi import Request
from fastapi.responses import Response

from convqa.errors import ReviewError
from convqa.review.access import AGENTS, EVERYONE, Pages
from convqa.review.criteria import criterion_texts
from convqa.review.errors import go
from convqa.review.forms import Form
from convqa.review.render import render
from convqa.review.sign_in import set_cookie
from convqa.review.visit import SESSION_COOKIE, visit_of
from convqa.store.in_use import standards_in_use
from convqa.store.notes import accept_notice
from convqa.store.sessions import ABSOLUTE, sign_in
from convqa.store.users import LONGEST_PASSWORD, SHORTEST_PASSWORD, set_password

pages = Pages()


@pages.get("/account", EVERYONE, before_notice=True)
def account(request: Request) -> Response:
    """Show who has signed in, with language and password."""
    return _page(request)


def _page(request: Request, fault: str = "") -> Response:
    return render(
        request, "account.html.j2", status=400 if fault else 200, fault=fault,
        shortest=SHORTEST_PASSWORD,
    )  # fmt: skip


@pages.post("/account/password", EVERYONE, before_notice=True)
def change_password(request: Request, form: Form) -> Response:
    """Set another password; all other sessions of the account end, this one goes on."""
    visit = visit_of(request)
    username = visit.reader.username
    old, new = form.exact("old"), form.exact("new")
    address = request.client.host if request.client else "unknown"
    try:  # by the way that limits attempts
        sign_in(visit.database, username, old, address=address)
    except ReviewError:
        return _page(request, "wrong_password")
    if new != form.exact("again"):
        return _page(request, "not_the_same")
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        return _page(request, "too_short")
    set_password(visit.database, username, username, new)
    response = go("/account?said=password_changed")
    token = sign_in(visit.database, username, new, address=address)
    set_cookie(request, response, SESSION_COOKIE, token, int(ABSOLUTE.total_seconds()))
    return response


@pages.get("/notice", AGENTS, before_notice=True)
def notice(request: Request) -> Response:
    """Tell what is scored and how, and what an agent can do about it."""
    visit = visit_of(request)
    standards = [
        (standard.name, standard.version, criterion_texts(standard, visit.words.language))
        for standard in standards_in_use(visit.database)
    ]
    return render(request, "notice.html.j2", standards=standards)


@pages.post("/notice", AGENTS, before_notice=True)
def accept(request: Request) -> Response:
    """Keep that the agent has read the notice."""
    visit = visit_of(request)
    accept_notice(visit.database, visit.reader)
    return go("/")
