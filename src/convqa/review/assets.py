"""Scripts and styles, all of them in the package; their addresses change when they do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import HTTPException, Request
from fastapi.responses import Response

import convqa.report
from convqa.review.access import PUBLIC, Pages

pages = Pages()

_OWN = Path(__file__).parent / "assets"
# The desk looks like the report: the same colours, the same transcript.
_OF_REPORT = Path(convqa.report.__file__).parent / "assets"
_SHARED = ("base.css", "conversations.css", "overview.css")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".svg": "image/svg+xml"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `digest` is the beginning of its sha256."""

    content: bytes
    media_type: str
    digest: str


@cache
def load_assets() -> Mapping[str, Asset]:
    """Return all assets by name."""
    paths = [*(_OF_REPORT / name for name in _SHARED), *sorted(_OWN.iterdir())]
    return {path.name: _load(path) for path in paths if path.suffix in _TYPES}


def _load(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(content, _TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])


def asset_addresses() -> Mapping[str, str]:
    """Return the address of each asset by name."""
    return {name: f"/assets/{name}?v={a.digest}" for name, a in load_assets().items()}


@pages.get("/assets/{name}", PUBLIC)
def asset(request: Request, name: str) -> Response:
    """Send one asset, to be kept for a year where the address names its content."""
    found = load_assets().get(name)
    if found is None:
        raise HTTPException(404)
    is_this = request.query_params.get("v") == found.digest
    keep = "public, max-age=31536000, immutable" if is_this else "no-cache"
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": keep})
