"""Who gets in, by what they say they are; what they may do; and that nothing they say breaks anything."""

import json
import socket

import httpx
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from armchair.web.access.messages import read_message
from armchair.web.server.server import STATIC

BUNDLE = f"/{next(STATIC.glob('assets/*.js')).relative_to(STATIC).as_posix()}"
OWN, OTHER = "own", "http://evil.example"
JSON = {"content-type": "application/json"}


def ask(page, method: str, path: str, headers: dict[str, str], body: bytes = b"{}") -> httpx.Response:
    content = body if method == "POST" else None
    more = JSON if method == "POST" else {}
    with httpx.Client(trust_env=False) as client:
        return client.request(method, page.url + path, headers={**more, **headers}, content=content)


# --- where a request comes from -----------------------------------------------------------------------------------
HOSTS = {"127.0.0.1:{port}": True, "localhost:{port}": True, "[::1]:{port}": True, "evil.example": False,
         "127.0.0.1.evil.example:{port}": False, "192.168.1.7:{port}": False}  # fmt: skip
ORIGINS = {None: True, OWN: True, OTHER: False, "null": False, "https://127.0.0.1:{port}": False,
           "http://127.0.0.1:1": False}  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("way", ["GET /", "GET /api/stage", "POST /api/stop", "WebSocket"])
def test_host_and_origin_are_this_pages_own(page, way, host, origin):
    may_pass = HOSTS[host] and ORIGINS[origin]
    host = host.format(port=page.port)
    headers = {"Host": host}
    if origin is not None:
        headers["Origin"] = f"http://{host}" if origin == OWN else origin.format(port=page.port)
    if way != "WebSocket":
        method, path = way.split()
        assert ask(page, method, path, headers).status_code == (200 if may_pass else 403)
    elif may_pass:
        assert "101" in handshake(page, headers)
    else:
        assert "403" in handshake(page, headers)


def handshake(page, headers: dict[str, str]) -> str:
    lines = ["GET /live HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", *(f"{k}: {v}" for k, v in headers.items())]  # fmt: skip
    return raw(page, "\r\n".join(lines) + "\r\n\r\n").splitlines()[0]


def raw(page, request: str) -> str:
    with socket.create_connection(("127.0.0.1", page.port), 10) as line:
        line.sendall(request.encode("latin-1"))
        return line.recv(65536).decode("latin-1")


@pytest.mark.parametrize("twice", ["Host: evil.example", "Origin: http://evil.example"])
def test_two_of_a_header_are_refused(page, twice):
    own = f"127.0.0.1:{page.port}"
    got = raw(page, f"GET / HTTP/1.1\r\nHost: {own}\r\nOrigin: http://{own}\r\n{twice}\r\nConnection: close\r\n\r\n")
    assert got.split()[1] in ("400", "403")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, b"{}", 403),
        ({"Sec-Fetch-Site": "same-site"}, b"{}", 403),
        ({"Sec-Fetch-Site": "same-origin"}, b"{}", 200),
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=b", 415),
        ({}, b"{" + b" " * 5000 + b"}", 413),
    ],
)
def test_what_a_form_or_another_site_can_send_is_refused(page, headers, body, status):
    assert ask(page, "POST", "/api/stop", headers, body).status_code == status


def test_a_body_says_how_long_it_is(page):
    got = raw(
        page,
        f"POST /api/stop HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    )
    assert got.split()[1] == "411"


@pytest.mark.parametrize("path", ["/", BUNDLE, "/api/me", "/nowhere"])
def test_every_answer_is_strict_about_itself(page, path):
    answer = ask(page, "GET", path, {"Origin": f"http://127.0.0.1:{page.port}"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy and "data:" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_another_origin_is_told_nothing_before_it_asks(page):
    answer = ask(page, "OPTIONS", "/api/stop", {"Origin": OTHER, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_nothing_listens_beyond_this_machine(page):
    listening = [each.laddr.ip for each in psutil.Process().net_connections("tcp") if each.laddr.port == page.port
                 and each.status == psutil.CONN_LISTEN]  # fmt: skip
    assert listening == ["127.0.0.1"]


# --- paths --------------------------------------------------------------------------------------------------------
UP = ["/../server.py", "/../../cli.py", "/assets/../../server.py", "/..%2fserver.py", "/%2e%2e/server.py",
      "/%2e%2e%2fserver.py", "/assets/%2e%2e/%2e%2e/server.py", "/..\\server.py", "/..%5cserver.py",
      "/%252e%252e%252fserver.py", "/....//server.py", "/./../server.py", "//etc/passwd", "/etc/passwd",
      "/%2fetc/passwd", "/assets//../../../../../../etc/passwd", f"{BUNDLE}%00.html", "/\x00", "/assets/",
      "/assets", "/.", "/..", "/index.html/..", "/file:///etc/passwd", "/" + "a" * 6000, "/%c0%ae%c0%ae/server.py",
      "/assets/..;/..;/server.py", "/C:/Windows/win.ini", "/api/../../server.py"]  # fmt: skip


@pytest.mark.parametrize("path", UP)
def test_no_path_leads_out(page, path):
    got = raw(page, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\nConnection: close\r\n\r\n")
    assert got.split()[1] in ("400", "404"), got[:200]
    assert "import" not in got and "root:" not in got


def test_what_is_served_is_what_was_built(page):
    for file in filter(lambda path: path.is_file() and path.suffix != ".gz", STATIC.rglob("*")):
        answer = ask(page, "GET", f"/{file.relative_to(STATIC).as_posix()}", {})
        assert answer.status_code == 200 and answer.content == file.read_bytes()
    assert ask(page, "GET", "/docs", {}).status_code == 404
    assert ask(page, "GET", "/openapi.json", {}).status_code == 404


# --- bodies -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/arm", {"do": "explode"}), ("/api/arm", {}), ("/api/arm", {"do": "start", "now": True}),
        ("/api/enter", {"token": 7}), ("/api/enter", {"token": "x" * 200}), ("/api/invite", {"role": "owner"}),
    ],
)  # fmt: skip
def test_bodies_are_strict(page, path, body):
    assert ask(page, "POST", path, {}, json.dumps(body).encode()).status_code == 422
    assert not page.arm.orders or page.arm.orders[-1] != "start"


# --- roles --------------------------------------------------------------------------------------------------------
def enter(page, role: str) -> str:
    """The cookie for a fresh link."""
    token = page.visitors.invite(role)
    answer = ask(page, "POST", "/api/enter", {}, json.dumps({"token": token}).encode())
    assert answer.json() == {"role": role}
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said and "samesite=strict" in said
    again = ask(page, "POST", "/api/enter", {}, json.dumps({"token": token}).encode())
    assert again.status_code == 403, "a link works once"
    return answer.cookies[page.cookie]


ROUTES = {("GET", "/api/datasets"): "view", ("GET", "/api/teach"): "student", ("GET", "/api/share"): "student",
          ("GET", "/api/stage"): "view", ("GET", "/api/stage/meshes"): "view",
          ("GET", "/api/about"): "view", ("POST", "/api/stop"): "view",
          ("POST", "/api/doctor"): "teacher", ("POST", "/api/arm"): "teacher",
          ("POST", "/api/invite"): "teacher"}  # fmt: skip
BODIES = {"/api/arm": b'{"do": "release"}', "/api/invite": b'{"role": "view"}'}
RANKS = ["view", "student", "teacher"]


@pytest.mark.parametrize("role", [None, *RANKS])
@pytest.mark.parametrize("route", ROUTES)
def test_on_the_network_each_may_do_what_their_role_may(lan_page, route, role):
    headers = {"Cookie": f"{lan_page.cookie}={enter(lan_page, role)}"} if role else {}
    got = ask(lan_page, *route, headers, BODIES.get(route[1], b"{}")).status_code
    if role is None:
        assert got == 401
    else:
        assert got == (200 if RANKS.index(role) >= RANKS.index(ROUTES[route]) else 403)


CHANGES = {"/api/teach": "student", "/api/teach/finish": "student", "/api/expert": "student", "/api/tags": "student",
           "/api/remove": "teacher", "/api/share": "teacher", "/api/share/look": "teacher",
           "/api/share/resume": "teacher"}  # fmt: skip


@pytest.mark.parametrize("role", [None, "view", "student"])
@pytest.mark.parametrize("path", CHANGES)
def test_on_the_network_data_is_changed_and_sent_by_those_who_may(lan_page, path, role):
    headers = {"Cookie": f"{lan_page.cookie}={enter(lan_page, role)}"} if role else {}
    got = ask(lan_page, "POST", path, headers, b"[]").status_code
    allowed = role is not None and RANKS.index(role) >= RANKS.index(CHANGES[path])
    assert got == (401 if role is None else 422 if allowed else 403)


@pytest.mark.parametrize("cookie", ["", "x", "armchair"])
def test_on_the_network_nobody_looks_without_a_link(lan_page, cookie):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{lan_page.port}/live", proxy=None,
                additional_headers={"Cookie": f"{lan_page.cookie}={cookie}"})  # fmt: skip
    assert refused.value.response.status_code == 403


def test_a_viewer_may_stop_and_nothing_else(lan_page, visit):
    viewer = visit(lan_page, enter(lan_page, "view"))
    lan_page.arm.orders.clear()
    for type_ in ("take", "seize", "go", "leave", "give"):
        viewer.say(type_)
        viewer.until(lambda _: viewer.refused)
        assert "watching" in viewer.refused or "teacher" in viewer.refused
        viewer.refused = ""
    viewer.say("jog", rates=[0, 0, 1, 0, 0, 0])
    viewer.until(lambda _: viewer.refused)
    assert not lan_page.arm.commands and "go" not in lan_page.arm.orders
    viewer.say("stop")
    viewer.until(lambda _: "stop" in lan_page.arm.orders)


def test_on_the_network_names_are_no_way_in_but_addresses_are(lan_page):
    for host, status in (("evil.example", 403), ("192.168.1.7", 200), (socket.gethostname().lower(), 200)):
        assert ask(lan_page, "GET", "/", {"Host": f"{host}:{lan_page.port}"}).status_code == status


# --- what is said over the line -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "message",
    [
        "", "up", "[]", "{}", "null", b"\x00\xff", '{"type": "jog"}', '{"type": "shutdown"}', '{"type": "end"}',
        '{"type": "jog", "rates": [0, 0, NaN, 0, 0, 0]}', '{"type": "jog", "rates": [0, 0, 1e999, 0, 0, 0]}',
        '{"type": "jog", "rates": [0, 0, -Infinity, 0, 0, 0]}', '{"type": "jog", "rates": [0, 0, 2, 0, 0, 0]}',
        '{"type": "jog", "rates": [true, 0, 0, 0, 0, 0]}', '{"type": "seen", "number": -1}',
        '{"type": "seen", "number": 1.5}', '{"type": "seen", "number": 1e400}', '{"type": "stop", "now": 1}',
        '{"type": "targets", "targets": [0, 0, 0, 0, 0, 1e9]}',
    ],
)  # fmt: skip
def test_what_means_nothing_ends_the_line_and_holds_the_arm(page, visit, message):
    client = visit(page)
    client.say("take")
    client.until(lambda news: news["driver"] == client.me["you"])
    client.line.send(message)
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            client.line.recv(timeout=5)
    assert closed.value.rcvd.code == 1008
    other = visit(page)
    other.until(lambda news: news["driver"] is None)
    assert page.arm.commands[-1].type == "hold"


JUNK = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200),
    st.builds(
        lambda type_, rest: json.dumps({"type": type_, **rest}),
        st.sampled_from(["jog", "targets", "hold", "seen", "take", "stop", "x"]),
        st.dictionaries(
            st.sampled_from(["rates", "targets", "mode", "speed", "number", "y"]),
            st.one_of(st.floats(), st.integers(), st.text(max_size=9), st.lists(st.floats(), max_size=7), st.none()),
            max_size=3,
        ),
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JUNK)
def test_anything_may_be_said(page, junk):
    """It is understood, or the line ends with a policy code; what reaches the arm is finite; the page lives."""
    with connect(f"ws://127.0.0.1:{page.port}/live", proxy=None, max_size=None, close_timeout=1) as line:
        line.recv(timeout=5)
        line.send(junk)
        try:
            understood = bool(read_message(junk if isinstance(junk, str) else ""))
        except ValueError:
            understood = False
        if not understood:
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    line.recv(timeout=5)
            assert closed.value.rcvd.code == 1008
    assert all(abs(rate) <= 1 for command in page.arm.commands if command.type == "jog" for rate in command.rates)


@pytest.mark.parametrize(("message", "times", "code"), [("x" * 3000, 1, 1009), ('{"type": "stop"}', 400, 1008)])
def test_too_much_ends_the_line(page, visit, message, times, code):
    client = visit(page)
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(times):
            client.line.send(message)
        while True:
            client.line.recv(timeout=5)
    assert closed.value.rcvd.code == code
