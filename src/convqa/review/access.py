"""Who may open what: every route names its roles beside its path, and cannot be made without.

What somebody may not see is not found (404), so that nobody learns what exists. Who has not signed
in is sent to the page for it, and an agent who has not read the notice to that first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.review.visit import Visit, visit_of
from convqa.store.viewers import UserRole

Handler = Callable[..., Response]

AGENTS: frozenset[UserRole] = frozenset({"agent"})
REVIEWERS: frozenset[UserRole] = frozenset({"reviewer", "manager", "admin"})
MANAGERS: frozenset[UserRole] = frozenset({"manager", "admin"})
ADMINS: frozenset[UserRole] = frozenset({"admin"})
EVERYONE: frozenset[UserRole] = AGENTS | REVIEWERS
PUBLIC: frozenset[UserRole] = frozenset()  # open to who has not signed in, too


class Moved(Exception):  # noqa: N818 - not an error: the answer is another page
    """The answer is another page of the desk."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Access:
    """The permission of one route. `before_notice` opens it to agents who have not accepted yet."""

    roles: frozenset[UserRole]
    before_notice: bool = False

    def allows(self, visit: Visit) -> bool:
        """Return whether the roles of the route hold who visits."""
        if not self.roles:
            return True
        return visit.viewer is not None and visit.viewer.role in self.roles

    def __call__(self, request: Request) -> None:
        """Let a request in or send it elsewhere; a dependency of the route.

        Raises:
            Moved: To the page for signing in, or to the notice.
            HTTPException: 404, the role does not allow it.
        """
        visit = visit_of(request)
        if self.roles and visit.viewer is None:
            raise Moved(f"/sign-in?{urlencode({'next': _way_back(request)})}")
        if not self.allows(visit):
            raise HTTPException(404)
        if self.roles and not self.before_notice and visit.needs_notice:
            raise Moved("/notice")


def _way_back(request: Request) -> str:
    """Return where to go after signing in: a page that was asked for, never a form's address."""
    if request.method not in ("GET", "HEAD"):
        return "/"
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of the navigation: the key of its words, its path, and who sees it."""

    key: str
    path: str
    roles: frozenset[UserRole]


@dataclass(frozen=True, slots=True)
class Route:
    """One route as a part declares it."""

    method: str
    path: str
    access: Access
    handler: Handler


@dataclass(slots=True)
class Pages:
    """The routes and navigation of one part of the desk, in the order written."""

    nav: tuple[NavItem, ...] = ()
    routes: list[Route] = field(default_factory=list)

    def get(
        self, path: str, roles: frozenset[UserRole], *, before_notice: bool = False
    ) -> Callable[[Handler], Handler]:
        """Declare a page and who may open it."""
        return self._declare("GET", path, Access(roles, before_notice))

    def post(
        self, path: str, roles: frozenset[UserRole], *, before_notice: bool = False
    ) -> Callable[[Handler], Handler]:
        """Declare what a form does and who may send it; the CSRF token is checked by itself."""
        return self._declare("POST", path, Access(roles, before_notice))

    def _declare(self, method: str, path: str, access: Access) -> Callable[[Handler], Handler]:
        def declared(handler: Handler) -> Handler:
            self.routes.append(Route(method, path, access, handler))
            return handler

        return declared
