"""Which mail hosts the desk may talk to, and how it connects: resolve once, check, connect to the checked address.

Names are resolved here and nowhere else on the way to a mailbox host, so that a name that answers differently the
second time (DNS rebinding) reaches nothing that was not checked (SECURITY A20, A21).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl

from flask import current_app

CONNECT_SECONDS = 20.0


class HostRefused(Exception):
    """The desk does not talk to this host in this way. The message is one plain sentence without secrets."""


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address that is really reached: IPv4 inside IPv6 is unwrapped."""
    found = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        return found.ipv4_mapped or found.sixtofour or found
    return found


def permitted_addresses(host: str, port: int) -> list[tuple[int, str]]:
    """(family, address) pairs that `host` resolves to and that may be dialled.

    Raises HostRefused when one of them is private and DESK_PRIVATE_MAIL_HOSTS is off, or lies outside this machine in
    a sandbox store; socket.gaierror when the name is not known.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    pairs: list[tuple[int, str]] = list(dict.fromkeys((int(entry[0]), str(entry[4][0])) for entry in found))
    for _, text in pairs:
        address = _address(text)
        if current_app.config["DESK_SANDBOX"] and not address.is_loopback:
            raise HostRefused("The demo store talks to nobody outside this machine.")
        if current_app.config["DESK_PRIVATE_MAIL_HOSTS"]:
            continue
        if not address.is_global or address.is_multicast:
            raise HostRefused(
                "This host is in a private network, which the settings of this desk do not allow."
            )
    return pairs


def dial(host: str, port: int, *, timeout: float = CONNECT_SECONDS) -> socket.socket:
    """A connected socket to one of the permitted addresses of `host`.

    Raises HostRefused, socket.gaierror, or the OSError of the last address tried.
    """
    fault: OSError | None = None
    for family, address in permitted_addresses(host, port):
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect((address, port))
        except OSError as reason:
            connection.close()
            fault = reason
        else:
            return connection
    raise fault or OSError("the name has no address")


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """A context that verifies certificate and name, trusting `ca_file` (PEM) alone, or the system's authorities.

    Raises HostRefused when the file cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError):
        raise HostRefused("The file with the certificate authority cannot be read.") from None


def plain_permitted(host: str) -> bool:
    """Whether mail may travel to `host` without TLS: in a sandbox store, or when it never leaves this machine."""
    if current_app.config["DESK_SANDBOX"] or host.casefold() == "localhost":
        return True
    try:
        return _address(host).is_loopback
    except ValueError:
        return False
