"""Serving the application: a socket of one's own, and a server that tells nothing it need not."""

import ipaddress
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from convqa.errors import ConfigError


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(app: FastAPI, host: str, port: int, *, ready: Callable[[str], None]) -> None:
    """Serve an application until it is interrupted.

    Args:
        app: The application.
        host: An address or name of this machine.
        port: 0 takes any that is free.
        ready: Called with the address once browsers can connect.

    Raises:
        ConfigError: The address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(
            f"{host}:{port} cannot be used ({error.strerror or error}); choose another --port or "
            "--host"
        ) from error
    with listening:
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        ready(f"http://{shown}:{listening.getsockname()[1]}/")
        # No log of requests: their addresses hold what people search for.
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="off"
        )
        uvicorn.Server(config).run(sockets=[listening])
