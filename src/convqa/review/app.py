"""The application: all parts of the desk put together.

How to add a page
-----------------
1. Write `<part>.py` with `pages = Pages(nav=(NavItem("part.nav", "/part", MANAGERS),))` and plain
   functions: `@pages.get("/part", MANAGERS) def part(request: Request) -> Response`. The roles
   beside the path are the permission of the route; there is no route without. Inside,
   `visit_of(request)` gives the database, the reader (`visit.reader`, a `Viewer`), the words and
   the settings; `render(request, "part.html.j2", rows=rows)` gives the page. What may not be seen
   raises `HTTPException(404)`. After a POST, answer with `go("/part")`; the parameter
   `form: Form` holds what was sent, and keys in the path are of the type `Key`. The CSRF token is
   checked before the function is called.
2. Write `templates/part.html.j2`, beginning with `{% extends "layout.html.j2" %}`, with the blocks
   `title` and `main`. Every form that posts begins with `{{ csrf_field() }}` (from
   `macros.html.j2`). No inline script and no inline style: the browser refuses them.
3. Write `languages/part.en.yaml` and the same in the other five; `t("part.title", name=…)` and
   `t.count("part.found", n)` say them. No word stands in a template. What the store refuses with a
   `ReviewError` has its words in `refusals.<language>.yaml`; `told(error, visit)` says them.
4. Name the part in `PARTS` below. The tests walk all routes, all words and, in the browser, all
   pages of the navigation.
"""

from collections.abc import Sequence

from fastapi import Depends, FastAPI

from convqa.review import (
    account,
    accounts,
    agreement,
    answering,
    api_tokens,
    appeals,
    assets,
    conversation,
    errors,
    flips,
    labels,
    queue,
    results,
    retention,
    rounds,
    saving,
    settings,
    sign_in,
)
from convqa.review.access import Pages
from convqa.review.api.app import PREFIX, create_api
from convqa.review.dashboards import pages as dashboards
from convqa.review.middleware import BodyLimit, SecurityHeaders
from convqa.review.render import make_environment
from convqa.review.tokens import check_csrf
from convqa.review.visit import Desk
from convqa.store.database import Database

# The order is that of the navigation.
PARTS: Sequence[Pages] = (
    assets.pages,
    sign_in.pages,
    queue.pages,
    dashboards.pages,
    conversation.pages,
    saving.pages,
    flips.pages,
    results.pages,
    appeals.pages,
    rounds.pages,
    answering.pages,
    agreement.pages,
    labels.pages,
    api_tokens.pages,
    accounts.pages,
    settings.pages,
    retention.pages,
    account.pages,
)


def create_app(database: Database, secret: bytes) -> FastAPI:
    """Return the web application over a database.

    Args:
        database: Open and migrated.
        secret: Of `read_secret`; signs the tokens of forms.
    """
    app = FastAPI(title="convqa", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(database, secret, make_environment(), assets.asset_addresses())
    app.state.nav = tuple(item for part in PARTS for item in part.nav)
    for part in PARTS:
        _add(app, part)
    app.mount(PREFIX, create_api(app.state.desk))
    errors.add_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    return app


def _add(app: FastAPI, part: Pages) -> None:
    for route in part.routes:
        checks = [Depends(route.access)]
        if route.method == "POST":
            checks.append(Depends(check_csrf))
        app.add_api_route(
            route.path,
            route.handler,
            methods=[route.method],
            dependencies=checks,
            include_in_schema=False,
            response_model=None,
        )
