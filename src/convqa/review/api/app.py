"""The application of the API, mounted under `/api/v1`: its routes, its document and its errors."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from convqa.errors import StoreError
from convqa.review.api import appeals, labels, results
from convqa.review.api.models import Problem
from convqa.review.render import secured
from convqa.review.visit import Desk

PREFIX = "/api/v1"

logger = logging.getLogger(__name__)

ROUTERS = (results.router, labels.router, appeals.router)
_REFUSALS: Mapping[int | str, dict[str, object]] = {
    401: {"model": Problem, "description": "No token or session, or one that has ended."},
    403: {"model": Problem, "description": "Not in this way: the detail says why."},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One route for the page that documents them; `api.<name>` are its words."""

    name: str
    method: str
    path: str


def create_api(desk: Desk) -> FastAPI:
    """Return the application of the API over the same desk."""
    api = FastAPI(
        title="convqa review desk", version="1", docs_url=None, redoc_url=None,
        description="Results, corrections, training labels and appeals, as the account sees them.",
    )  # fmt: skip
    api.state.desk = desk
    for router in ROUTERS:
        api.include_router(router, responses=dict(_REFUSALS))
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(StoreError, _unavailable)
    api.add_exception_handler(Exception, _broken)
    return api


def operations() -> Sequence[Operation]:
    """Return all routes in the order written."""
    return [
        Operation(
            name=route.name,
            method=method,
            path=PREFIX + route.path,
        )
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


def _answer(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"detail": detail}, status, headers=headers)


def _http(_request: Request, error: Exception) -> Response:
    found = cast(HTTPException, error)
    return _answer(found.status_code, found.detail, found.headers)


def _invalid(_request: Request, error: Exception) -> Response:
    """Say which field is wrong, without repeating what was sent."""
    faults = [
        {"loc": [_plain(part) for part in fault["loc"]], "msg": _plain(fault["msg"]),
         "type": fault["type"]}
        for fault in cast(RequestValidationError, error).errors()
    ]  # fmt: skip
    return JSONResponse({"detail": faults}, 422)


def _plain(value: object) -> object:
    """Return a text that can be sent: names of fields may hold halves of surrogate pairs."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _unavailable(_request: Request, error: Exception) -> Response:
    logger.error("%s", error)
    return _answer(503, "the database does not answer; try again later")


def _broken(request: Request, error: Exception) -> Response:
    logger.error("%s %s: %s", request.method, request.url.path, type(error).__name__)
    return secured(_answer(500, "this did not work, and it is not your fault"))
