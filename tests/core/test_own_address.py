"""Which hosts and pages a local server listens to."""

import socket

import pytest

from armchair_core.own_address import ForeignHostError, ForeignPageError, RepeatedHeaderError, check_address

OURS = "127.0.0.1:8000"


def request(*headers):
    return {"headers": [(name.encode(), value.encode()) for name, value in headers]}


@pytest.mark.parametrize(
    ("host", "lead_here"),
    [
        (OURS, {"loopback", "network", "any"}), ("LOCALHOST", {"loopback", "network", "any"}),
        ("[::1]:8000", {"loopback", "network", "any"}), ("192.168.1.7:8000", {"network", "any"}),
        ("[fe80::1]:8000", {"network", "any"}), (socket.gethostname().upper() + ".local:8000", {"network", "any"}),
        ("evil.example", {"any"}), ("127.0.0.1.evil.example:8000", {"any"}), ("", {"any"}),
    ],
)  # fmt: skip
def test_hosts(host, lead_here):
    for hosts in ("loopback", "network", "any"):
        if hosts in lead_here:
            check_address(request(("host", host)), hosts, "own")
        else:
            with pytest.raises(ForeignHostError) as foreign:
                check_address(request(("host", host)), hosts, "own")
            assert foreign.value.value == host


@pytest.mark.parametrize(
    ("origin", "may_ask"),
    [
        (f"http://{OURS}", {"own", "any"}), ("http://evil.example", {"any"}), ("null", {"any"}),
        (f"https://{OURS}", {"any"}), ("http://127.0.0.1:1", {"any"}), ("", {"none", "any"}),
    ],
)  # fmt: skip
def test_pages(origin, may_ask):
    for pages in ("own", "none", "any"):
        if pages in may_ask:
            check_address(request(("host", OURS), ("origin", origin)), "loopback", pages)
        else:
            with pytest.raises(ForeignPageError):
                check_address(request(("host", OURS), ("origin", origin)), "loopback", pages)
        check_address(request(("host", OURS)), "loopback", pages)


@pytest.mark.parametrize("name", ["host", "origin"])
def test_a_header_that_is_there_twice(name):
    ours = [("host", OURS), ("origin", f"http://{OURS}")]
    with pytest.raises(RepeatedHeaderError, match=name):
        check_address(request(*ours, (name, dict(ours)[name])), "any", "any")
