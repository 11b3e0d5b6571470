"""Templates → pages: what every template knows, and the headers that every answer carries."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from convqa.report.marks import visible
from convqa.report.payload import clock
from convqa.review.access import NavItem
from convqa.review.tokens import csrf_token, holder_of
from convqa.review.visit import Visit, visit_of
from convqa.review.wording import LANGUAGE_NAMES

_TEMPLATES = Path(__file__).parent / "templates"

# No script or style but those of the package; forms go nowhere else; nobody frames the pages.
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


def make_environment() -> Environment:
    """Return the templates, every value escaped, a missing value an error."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["clock"] = clock
    environment.filters["segment"] = lambda text: quote(str(text), safe="")
    environment.globals["language_names"] = LANGUAGE_NAMES
    environment.globals["query"] = address
    return environment


def address(path: str, parameters: Mapping[str, object], **changes: object) -> str:
    """Return a path with parameters, some changed; empty ones are left out."""
    merged = {**parameters, **changes}
    kept = {name: str(value) for name, value in merged.items() if value not in (None, "", False)}
    return f"{path}?{urlencode(kept)}" if kept else path


def render(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page; beside `values` it knows `t` (the words), `visit`, `nav` and `csrf`."""
    visit = visit_of(request)
    html = visit.desk.templates.get_template(template).render(
        t=visit.words,
        visit=visit,
        viewer=visit.viewer,
        asset=visit.desk.assets,
        nav=visible_nav(request, visit),
        csrf=csrf_token(visit.desk, holder_of(request)),
        said=request.query_params.get("said", ""),
        **values,
    )
    return HTMLResponse(html, status)


def visible_nav(request: Request, visit: Visit) -> list[NavItem]:
    """Return the links that who visits may follow; the first one is the home page."""
    if visit.viewer is None or visit.needs_notice:
        return []
    items: tuple[NavItem, ...] = request.app.state.nav
    return [item for item in items if visit.viewer.role in item.roles]


def secured(response: Response) -> Response:
    """Add the headers of `SECURITY_HEADERS` that a response does not set itself."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response
