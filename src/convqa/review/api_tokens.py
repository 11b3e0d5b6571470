"""The own tokens of the API, and the page that tells programs how to use it."""

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.errors import ReviewError
from convqa.review.access import EVERYONE, Pages
from convqa.review.api.app import PREFIX, operations
from convqa.review.errors import go
from convqa.review.forms import Form
from convqa.review.refusals import told
from convqa.review.render import address, render
from convqa.review.visit import visit_of
from convqa.store.api_tokens import (
    LONGEST_DAYS,
    LONGEST_NAME,
    list_tokens,
    make_token,
    revoke_token,
)

pages = Pages()


@pages.get("/account/tokens", EVERYONE)
def tokens(request: Request) -> Response:
    """Show the own tokens, and the form for another."""
    return _list(request)


def _list(request: Request, *, token: str = "", fault: str = "") -> Response:
    visit = visit_of(request)
    return render(
        request, "api_tokens.html.j2", status=400 if fault else 200, fault=fault, token=token,
        tokens=list_tokens(visit.database, visit.reader), longest_name=LONGEST_NAME,
        longest_days=LONGEST_DAYS,
    )  # fmt: skip


@pages.post("/account/tokens", EVERYONE)
def make(request: Request, form: Form) -> Response:
    """Make a token and show it, this once."""
    visit = visit_of(request)
    try:
        token = make_token(
            visit.database, visit.reader, form.text("name"), days=form.number("days") or 0,
            is_writing=form.text("writing") == "yes",
        )  # fmt: skip
    except ReviewError as error:
        return _list(request, fault=told(error, visit))
    return _list(request, token=token)


@pages.post("/account/tokens/revoke", EVERYONE)
def revoke(request: Request, form: Form) -> Response:
    """Take an own token back."""
    visit = visit_of(request)
    try:
        revoke_token(visit.database, visit.reader, form.number("token") or 0)
    except ReviewError as error:
        raise HTTPException(404) from error
    return go(address("/account/tokens", {"said": "revoked"}))


@pages.get("/api", EVERYONE)
def documentation(request: Request) -> Response:
    """Tell how to use the API, and what it offers."""
    here = str(request.base_url).rstrip("/")
    return render(
        request, "api.html.j2", operations=operations(), prefix=PREFIX, address=here + PREFIX
    )
