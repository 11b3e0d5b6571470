"""The secret of the desk, and the tokens by which a form proves that it is one of its own."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from fastapi import HTTPException, Request

from convqa.errors import ConfigError
from convqa.review.visit import SESSION_COOKIE, VISITOR_COOKIE, Desk

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
_SECRET_BYTES = 32
# A page of another site that posts here is named so by every current browser.
_OWN_SITES = {"same-origin", "none"}


def secret_file() -> Path:
    """Return where the secret lies: `CONVQA_SECRET_FILE`, else a file beside the user's data."""
    given = os.environ.get("CONVQA_SECRET_FILE")
    if given:
        return Path(given)
    home = os.environ.get("XDG_DATA_HOME")
    folder = Path(home) if home else Path.home() / ".local" / "share"
    return folder / "convqa" / "review.secret"


def read_secret(path: Path) -> bytes:
    """Return the secret in a file, made on first use and readable by its owner only.

    Raises:
        ConfigError: The file cannot be used, others may read it, or it is too short.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_SECRET_BYTES))
        secret = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigError(f"{path}: the secret cannot be kept here ({error.strerror})") from error
    if mode & 0o077:
        raise ConfigError(f"{path}: others may read the secret; run `chmod 600 {path}`")
    if len(secret) < _SECRET_BYTES:
        raise ConfigError(f"{path}: the secret is too short; remove the file to make a new one")
    return secret


def csrf_token(desk: Desk, holder: str) -> str:
    """Return the token for forms of who holds a session, or a visitor's cookie."""
    return hmac.new(desk.secret, f"csrf {holder}".encode(), hashlib.sha256).hexdigest()


def holder_of(request: Request) -> str:
    """Return the cookie that the token of a form is bound to, empty where there is none."""
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(VISITOR_COOKIE) or ""


async def check_csrf(request: Request) -> None:
    """Refuse what was not sent by a form of the desk; a dependency of every route that writes.

    Raises:
        HTTPException: 403, the token is missing or another session's.
    """
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        field = (await request.form()).get(CSRF_FIELD)
        given = field if isinstance(field, str) else ""
    if not is_own_page(request, given):
        raise HTTPException(403)


def is_own_page(request: Request, given: str) -> bool:
    """Return whether a page of the desk sent a request with the token `given`."""
    desk: Desk = request.app.state.desk
    holder = holder_of(request)
    is_own = request.headers.get("sec-fetch-site", "none") in _OWN_SITES
    is_token = hmac.compare_digest(given.encode(), csrf_token(desk, holder).encode())
    return bool(holder) and is_own and is_token
