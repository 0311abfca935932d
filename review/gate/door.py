"""Where a review is served, and for whom: this machine's own user, or people with accounts."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qosmatin.corpus.errors import InputError

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Serving:
    """What the command line says of how to serve.

    ``public_name`` is the name in the address that browsers use, where it is not ``host``. ``behind_proxy`` is such a
    name too: that of a proxy which speaks TLS to the world and plain HTTP to this server.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    tls_cert: Path | None = None
    tls_key: Path | None = None
    public_name: str | None = None
    behind_proxy: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine's own users can come."""
        return self.host in LOOPBACK and self.behind_proxy is None


@dataclass(frozen=True, slots=True)
class Door:
    """What the server answers to: the names it has, how it is spoken to, and whether people must log in."""

    hosts: frozenset[str]
    scheme: Literal["http", "https"]
    login: bool
    address: str

    @property
    def cookie(self) -> str:
        """The name of the cookie of a session; two servers on one machine must not take each other's."""
        port = self.address.rstrip("/").rsplit(":", 1)[-1]
        return "__Host-qosmatin" if self.scheme == "https" else f"qosmatin-{port}"


def check_serving(serving: Serving) -> None:
    """Raise ``InputError`` when passwords would cross a network in the clear, or options do not go together."""
    if (serving.tls_cert is None) != (serving.tls_key is None):
        raise InputError("--tls-cert and --tls-key go together")
    if serving.behind_proxy is not None and (serving.tls_cert is not None or serving.public_name is not None):
        raise InputError("with --behind-proxy the proxy speaks TLS and has the name: drop --tls-cert and --public-name")
    for name in (serving.behind_proxy, serving.public_name):
        if name is not None and not _NAME.fullmatch(name.lower()):
            raise InputError(f"'{name}' is no host name; write it as review.example.org, without https:// and path")
    if serving.is_local or serving.behind_proxy is not None:
        return
    if serving.tls_cert is None:
        raise InputError(
            f"on {serving.host} passwords would cross the network in the clear: give --tls-cert and --tls-key, or "
            "put a proxy that speaks TLS in front and name it with --behind-proxy review.example.org"
        )
    if serving.public_name is None and _is_wildcard(serving.host):
        raise InputError(f"--host {serving.host} is no name: say with --public-name how browsers call this server")


def open_door(serving: Serving, port: int, login: bool) -> Door:
    """Return what a server answers to that listens on this port."""
    scheme: Literal["http", "https"] = "http" if serving.tls_cert is None else "https"
    if serving.behind_proxy is not None:
        name = serving.behind_proxy.lower().removesuffix(":443")
        return Door(frozenset({name}), "https", login, f"https://{name}/")
    usual = {"http": 80, "https": 443}[scheme]
    if serving.public_name is not None:
        names = [serving.public_name.lower()]
    else:
        names = ["127.0.0.1", "localhost", "[::1]"] if serving.host in LOOPBACK else [_bracketed(serving.host)]
    # Browsers leave the usual port out; a name that has a port already says what a router in front makes of it.
    hosts = [name if port == usual or re.search(r":\d+$", name) else f"{name}:{port}" for name in names]
    return Door(frozenset(hosts), scheme, login, f"{scheme}://{hosts[0]}/")


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()
