"""The report as one HTML file that runs no script but its own and asks the network for nothing."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from convqa.report.inputs import RunSummary
from convqa.report.overview import Overview
from convqa.report.payload import Json, embedded_json
from convqa.report.wording import Wording

_ASSETS = Path(__file__).parent / "assets"
_STYLES = ("base.css", "overview.css", "conversations.css", "print.css")
_SCRIPTS = (
    "page.js", "filters.js", "highlight.js", "list.js", "conversation.js", "ledger.js", "start.js",
)  # fmt: skip

# Trusted types make the browser refuse text as markup, should the script ever try.
_POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass(frozen=True, slots=True)
class Teaser:
    """A conversation named on the overview: why it is worth reading, or what it did well."""

    id: str
    score: str
    who: str
    notes: tuple[str, ...] = ()
    quote: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """All parts of the report; `n_evaluated` of which `n_shown` conversations can be read in it."""

    overview: Overview
    summary: RunSummary
    to_read: Sequence[Teaser]
    to_praise: Sequence[Teaser]
    n_shown: int
    n_evaluated: int
    period: str
    finished: str
    payload: Json


def render_page(page: Page, words: Wording) -> str:
    """Return the HTML; the same page and words give the same text."""
    style, script = (_joined(names) for names in (_STYLES, _SCRIPTS))
    environment = Environment(
        loader=PackageLoader("convqa.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["urlencoded"] = _encoded_query
    return environment.get_template("report.html.j2").render(
        page=page,
        overview=page.overview,
        words=words,
        style=style,
        script=script,
        data=embedded_json(page.payload),
        policy=_POLICY.format(script=_digest(script), style=_digest(style)),
    )


def _encoded_query(query: str) -> str:
    """Return `name=value` with the value encoded for an address."""
    name, _, value = query.partition("=")
    return f"{name}={quote(value, safe='')}"


def _joined(names: Sequence[str]) -> str:
    return "".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
