"""Who calls: by a token of the account page, or by the session of a browser.

A token that is sent decides alone. A session proves with a header that a page of the desk sent the
request where it changes something; a token needs no such proof, for no browser sends it by itself.
What the role does not allow is not found, as in the browser.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import HTTPException, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from convqa.review.tokens import CSRF_HEADER, is_own_page
from convqa.review.visit import SESSION_COOKIE, Desk
from convqa.store.api_tokens import token_viewer
from convqa.store.database import Database
from convqa.store.notes import has_accepted_notice
from convqa.store.sessions import session_viewer
from convqa.store.viewers import UserRole, Viewer

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token made on the account page."
)
_COOKIE = APIKeyCookie(
    name=SESSION_COOKIE, auto_error=False, scheme_name="session",
    description=f"The session of a browser; what changes something needs {CSRF_HEADER} too.",
)  # fmt: skip
_SAFE = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the desk that answers."""

    desk: Desk
    viewer: Viewer

    @property
    def database(self) -> Database:
        """The database of the desk."""
        return self.desk.database


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """The permission of one route of the API, and its dependency."""

    roles: frozenset[UserRole]

    def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
        session: Annotated[str | None, Security(_COOKIE)],
    ) -> Caller:
        """Return who calls.

        Raises:
            HTTPException: 401 unknown, 403 not in this way, 404 not by this role.
        """
        desk: Desk = request.app.state.desk
        is_safe = request.method in _SAFE
        if "authorization" in request.headers:
            held = None if bearer is None else token_viewer(desk.database, bearer.credentials)
            if held is None:
                raise _unknown()
            if not is_safe and not held.is_writing:
                raise HTTPException(403, "this token may only read")
            viewer = held.viewer
        else:
            found = session_viewer(desk.database, session) if session else None
            if found is None:
                raise _unknown()
            if not is_safe and not is_own_page(request, request.headers.get(CSRF_HEADER, "")):
                raise HTTPException(403, f"send the token of the session's forms as {CSRF_HEADER}")
            viewer = found
        if viewer.role not in self.roles:
            raise HTTPException(404, "there is nothing here that you may see")
        if viewer.role == "agent" and not has_accepted_notice(desk.database, viewer):
            raise HTTPException(403, "read and accept the notice in the browser first")
        return Caller(desk, viewer)


def _unknown() -> HTTPException:
    return HTTPException(
        401, "send a token of your account page: Authorization: Bearer …",
        headers={"WWW-Authenticate": "Bearer"},
    )  # fmt: skip
