"""Errors as pages: what happened and what to do, never a traceback or the words of a customer."""

import logging
from http import HTTPStatus
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from convqa.errors import ReviewError, StoreError
from convqa.review.access import Moved
from convqa.review.refusals import told
from convqa.review.render import render, secured
from convqa.review.visit import bare_visit, visit_of

logger = logging.getLogger(__name__)

# Those with words of their own; any other is told as the general one of its kind.
_EXPLAINED = {400, 403, 404, 409, 413, 503}


def add_handlers(app: FastAPI) -> None:
    """Give an application its error pages."""
    app.add_exception_handler(Moved, _moved)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ReviewError, _refused)
    app.add_exception_handler(StoreError, _unavailable)
    app.add_exception_handler(Exception, _broken)


def go(path: str) -> RedirectResponse:
    """Return the answer to a form: the page to look at now."""
    return RedirectResponse(path, 303)


def local_path(wanted: str) -> str:
    """Return a path of the desk as wanted, `/` for anything that could lead elsewhere."""
    is_local = wanted.startswith("/") and not wanted.startswith("//")
    is_plain = "\\" not in wanted and wanted.isprintable()
    return wanted if is_local and is_plain else "/"


def _page(request: Request, status: int, detail: str = "") -> Response:
    kind = status if status in _EXPLAINED else 500 if status >= 500 else 400
    return render(request, "error.html.j2", status=status, kind=f"{kind}", detail=detail)


def _moved(_request: Request, error: Exception) -> Response:
    return go(cast(Moved, error).path)


def _http(request: Request, error: Exception) -> Response:
    status = cast(HTTPException, error).status_code
    # A wrong method on a known path would tell that the path exists.
    return _page(request, 404 if status == HTTPStatus.METHOD_NOT_ALLOWED else status)


def _invalid(request: Request, _error: Exception) -> Response:
    """Answer an address whose parameters cannot be: there is no such page."""
    return _page(request, 404)


def _refused(request: Request, error: Exception) -> Response:
    return _page(request, 400, told(cast(ReviewError, error), visit_of(request)))


def _unavailable(request: Request, error: Exception) -> Response:
    logger.error("%s", error)
    request.state.visit = bare_visit(request)
    return _page(request, 503)


def _broken(request: Request, error: Exception) -> Response:
    logger.error("%s %s: %s", request.method, request.url.path, type(error).__name__)
    request.state.visit = bare_visit(request)
    return secured(_page(request, 500))
