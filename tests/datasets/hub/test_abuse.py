"""What the hub refuses, over real HTTP, and that it stays whole after it."""

import base64
import hashlib
import json
import socket
import time
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from urllib.parse import quote

import httpx
import pytest

from armchair_datasets.hub.protocol.limits import Limits
from armchair_datasets.hub.server.app import create_app
from armchair_datasets.hub.store.store import Store
from armchair_datasets.hub.store.tokens import Tokens, add_student

TINY = Limits(
    request=50_000, commit=200_000, commit_files=20, inline=60_000, file=100_000, repo=150_000, total=380_000,
    reserve=0, uploads=2, stall_s=2.0,
)  # fmt: skip

ESCAPES = [
    "../x", "a/../../x", "a/..", "..", ".", "./x", "/etc/passwd", "//x", "a//b", "a/", "", "a\\b", "..\\x", "C:/x",
    "C:x", "a\0b", "a\nb", ".git/config", "a/.git/hooks/x", "a/" * 600 + "b", "x" * 300, "\ud800",
]  # fmt: skip
WRONG_IDS = [
    ("..", "x"), ("../..", "x"), (".a", "x"), ("a", ".x"), ("a", "..x"), ("a", "x..y"), ("a", "\0"),
    ("a\\b", "x"), ("-a", "x"), ("a", "b/c"), ("a" * 97, "x"), ("ü", "x"), ("a", "x\n"), ("a", "x.git"), ("a", "x."),
    ("~", "x"), ("a b", "x"), ("a", ""),
]  # fmt: skip
WRONG_REFS = [
    "../x",
    "..",
    "a..b",
    "a//b",
    "/a",
    "a/",
    ".hidden",
    "a\0",
    "a b",
    "x.lock",
    "a" * 200,
    "-x",
    "a/.b",
    "0" * 40,
]


def lines(*operations, **header):
    head = {"key": "header", "value": {"summary": "a commit", **header}}
    return b"".join(json.dumps(line).encode() + b"\n" for line in (head, *operations))


def file(path, content=b"x"):
    return {"key": "file", "value": {"content": base64.b64encode(content).decode(), "path": path, "encoding": "base64"}}


NO_COMMITS = [
    b"", b"\n", b"no json\n", b"[]\n", b'{"key": "header"}\n', lines({"key": "file", "value": {"path": "a"}}),
    lines(file("a"), file("a")), lines() + lines(), lines({"key": "chmod", "value": {"path": "a"}}),
    lines({"key": "file", "value": {"path": "a", "content": "x y!", "encoding": "base64"}}),
    lines({"key": "file", "value": {"path": "a", "content": "QQ==QQ==", "encoding": "base64"}}),
    lines({"key": "file", "value": {"path": "a", "content": "hello", "encoding": "utf-8"}}),
    lines({"key": "file", "value": {"path": 7, "content": "", "encoding": "base64"}}),
    lines({"key": "lfsFile", "value": {"path": "a", "algo": "md5", "oid": "0" * 64, "size": 1}}),
    lines({"key": "lfsFile", "value": {"path": "a", "algo": "sha256", "oid": "../../x", "size": 1}}),
    lines({"key": "lfsFile", "value": {"path": "a", "algo": "sha256", "oid": "0" * 64, "size": 1}}),
    lines(file("a"), file("a/b")), lines(file("a"), parentCommit="x"), json.dumps(file("a")).encode(),
    lines(file("a"))[:-30],
]  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "tiny")


@pytest.fixture
def connect(store, serve_app):
    """(tokens, …) -> plain requests to a hub with tiny limits that has the repo datasets/ana/lift."""
    clients = []

    def connect(tokens=None, token=None, limits=TINY, **more):
        url = serve_app(create_app(store, tokens, limits, **more))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        clients.append(httpx.Client(base_url=url, headers=headers, timeout=30))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def tiny(connect):
    client = connect()
    assert make_repo(client).status_code == 200
    return client


def make_repo(client, namespace="ana", name="lift"):
    return client.post("/api/repos/create", json={"type": "dataset", "organization": namespace, "name": name})


def commit(client, content, repo="ana/lift", revision="main"):
    return client.post(f"/api/datasets/{repo}/commit/{revision}", content=content)


def files(client):
    return [item["path"] for item in client.get("/api/datasets/ana/lift/tree/main").raise_for_status().json()]


def everything(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def refused(answer, status, words=""):
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]
    assert answer.headers["X-Error-Message"]
    return True


def test_no_path_leads_out_of_a_repo(tiny, store):
    before = everything(store.folder.parent)
    for path in ESCAPES:
        assert refused(commit(tiny, lines(file(path))), 400), path
        assert refused(commit(tiny, lines({"key": "deletedFile", "value": {"path": path}})), 400), path
        plan = {"files": [{"path": path, "size": 1, "sample": ""}]}
        assert refused(tiny.post("/api/datasets/ana/lift/preupload/main", content=json.dumps(plan)), 400), path
    assert everything(store.folder.parent) == before
    assert files(tiny) == []


def raw(client, address, method="GET"):
    """The status of a request to this very address, which httpx would tidy up."""
    with closing(HTTPConnection(client.base_url.host, client.base_url.port, timeout=30)) as line:
        line.putrequest(method, address)
        line.putheader("Content-Length", "2")
        line.endheaders(b"{}")
        return line.getresponse().status


@pytest.mark.parametrize("read", ["/datasets/ana/lift/resolve/main/", "/api/datasets/ana/lift/tree/main/"])
def test_no_address_reads_outside_of_a_repo(tiny, read):
    assert commit(tiny, lines(file("a/b"))).status_code == 200
    up = ["../" * 9, "..%2F" * 9, "%2E%2E/" * 9, "a/../../", "a/%2E%2E/%2E%2E/", "/", "%2F", "..%5C", "%252E%252E/"]
    for path in (step + target for step in up for target in ("hub.json", "etc/passwd")):
        assert raw(tiny, read + path) in (400, 404), path
        assert raw(tiny, read.replace("main/", path)) in (400, 404), path


def test_no_repo_leads_out_of_the_hub(tiny, store):
    before = everything(store.folder.parent)
    for namespace, name in WRONG_IDS:
        assert refused(make_repo(tiny, namespace, name), 400, "no repo id"), (namespace, name)
        for repo_id in (f"{quote(namespace, safe='')}/{quote(name, safe='')}", quote(f"{namespace}/{name}")):
            for address in (f"/api/datasets/{repo_id}/refs", f"/{repo_id}/resolve/main/x"):
                assert raw(tiny, address) in (400, 404), address
    assert everything(store.folder.parent) == before


def test_no_branch_or_tag_leads_out_of_a_repo(tiny, store):
    before = everything(store.folder.parent)
    for name in WRONG_REFS:
        assert refused(tiny.post("/api/datasets/ana/lift/tag/main", json={"tag": name}), 400), name
        for method, what in (("POST", "branch"), ("DELETE", "branch"), ("DELETE", "tag"), ("GET", "revision")):
            assert raw(tiny, f"/api/datasets/ana/lift/{what}/{quote(name, safe='')}", method) in (400, 404), name
    assert everything(store.folder.parent) == before


def test_what_is_no_commit(tiny, store):
    for body in NO_COMMITS:
        assert refused(commit(tiny, body), 400), body
    assert files(tiny) == []
    assert not list((store.folder / "partial").iterdir())


def test_a_commit_to_what_is_not_there(tiny):
    assert refused(commit(tiny, lines(file("a")), repo="ana/push"), 404, "ana/push")
    assert refused(commit(tiny, lines(file("a")), revision="nothing"), 404, "nothing")
    assert refused(commit(tiny, lines({"key": "deletedFile", "value": {"path": "a"}})), 404, "doesn't exist")


def test_too_much(tiny, store):
    assert refused(commit(tiny, lines(file("a", b"x" * 60_001))), 413, "58.6 KiB")
    assert refused(commit(tiny, lines(*(file(f"f{number}") for number in range(20)))), 413, "20 files")
    assert refused(
        commit(tiny, lines(file("a"), {"key": "deletedFile", "value": {"path": "x" * 140_000}})), 413, "line"
    )
    for body in (b"x" * 200_001, iter([b"x" * 50_000] * 5)):  # announced, and not
        assert refused(commit(tiny, body), 413, "195 KiB")
    assert refused(tiny.post("/api/repos/create", content=b" " * 50_001), 413)
    assert refused(tiny.post("/api/repos/create", content=iter([b" " * 10_000] * 6)), 413)
    assert files(tiny) == []
    assert not list((store.folder / "partial").iterdir())


def test_quotas(tiny):
    contents = [bytes([number]) * 50_000 for number in range(9)]
    for number in range(3):
        assert commit(tiny, lines(file(f"f{number}", contents[number]))).status_code == 200
    assert refused(commit(tiny, lines(file("f3", contents[3]))), 507, "repo would grow")
    for number in range(5):  # other repos, until the hub is full
        make_repo(tiny, name=f"other{number}")
        done = commit(tiny, lines(file("f", contents[number + 3])), repo=f"ana/other{number}")
    assert refused(done, 507, "hub is full")
    assert len(files(tiny)) == 3


def test_a_student_has_a_home_of_so_much_and_the_teacher_has_not(connect, store):
    small = replace(TINY, home=90_000, repos=2)
    tokens = Tokens(store.folder)
    ana = connect(tokens, add_student(store.folder, "ana"), limits=small)
    for name in ("lift", "sort"):
        assert make_repo(ana, name=name).status_code == 200
    assert refused(make_repo(ana, name="more"), 507, "2 repos") and make_repo(ana).status_code == 409
    assert commit(ana, lines(file("a", b"a" * 50_000))).status_code == 200
    assert refused(commit(ana, lines(file("a", b"b" * 50_000)), "ana/sort"), 507, "your repos would grow above")
    assert refused(announce(ana, 50_000), 507, "your repos would grow above")
    teacher = connect(tokens, tokens.teacher, limits=small)
    assert commit(teacher, lines(file("a", b"b" * 50_000)), "ana/sort").status_code == 200


def announce(client, size):
    objects = {"operation": "upload", "objects": [{"oid": "0" * 64, "size": size}]}
    return client.post("/datasets/ana/lift.git/info/lfs/objects/batch", json=objects)


def test_large_files_in_no_commit_are_counted(connect, store):
    small = replace(TINY, home=90_000)
    ana = connect(Tokens(store.folder), add_student(store.folder, "ana"), limits=small)
    make_repo(ana)
    content = b"x" * 60_000
    objects = {"operation": "upload", "objects": [{"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}]}
    offered = ana.post("/datasets/ana/lift.git/info/lfs/objects/batch", json=objects).json()
    assert announce(ana, 40_000).status_code == 200, "nothing has arrived"
    assert ana.put(offered["objects"][0]["actions"]["upload"]["href"], content=content).status_code == 200
    assert refused(announce(ana, 40_000), 507, "your repos would grow above")


def test_web_pages_are_kept_out(tiny):
    own = tiny.base_url
    assert tiny.get("/", headers={"Host": "localhost:1"}).status_code == 200
    for host in ("evil.example", f"evil.example:{own.port}", "127.0.0.1.evil.example", ""):
        assert refused(tiny.get("/", headers={"Host": host}), 403)
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{own.port}"):
        answer = tiny.post("/api/repos/create", json={"name": "page"}, headers={"Origin": origin})
        assert refused(answer, 403, "web pages")
    preflight = tiny.options(
        "/api/repos/create", headers={"Origin": "http://a", "Access-Control-Request-Method": "POST"}
    )
    assert not [name for answer in (tiny.get("/"), preflight) for name in answer.headers if "access-control" in name]
    with socket.create_connection((own.host, own.port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n")
        assert line.recv(100).split()[1] == b"400"


def test_pages_among_the_files_stay_dead(tiny):
    commit(tiny, lines(file("page.html", b"<script>alert(1)</script>")))
    page = tiny.get("/datasets/ana/lift/resolve/main/page.html")
    assert page.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in page.headers["content-security-policy"]


def test_only_as_many_uploads_as_agreed_and_none_that_stalls(tiny):
    def stalled():
        line = socket.create_connection((tiny.base_url.host, tiny.base_url.port))
        line.sendall(
            b"POST /api/datasets/ana/lift/commit/main HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nx"
        )
        return line

    waiting = [stalled() for _ in range(3)]
    answers = [line.recv(1000) for line in waiting]
    assert sorted(answer.split()[1] for answer in answers) == [b"408", b"408", b"429"]
    assert any(b"retry-after" in answer for answer in answers)
    assert commit(tiny, lines(file("a"))).status_code == 200


@pytest.mark.parametrize("address", ["/api/repos/create", "/api/datasets/ana/lift/commit/main"])
def test_a_body_that_drips_is_not_waited_for(connect, store, address):
    client = connect(limits=replace(TINY, stall_s=1.0, short_stall_s=1.0))
    make_repo(client)
    with socket.create_connection((client.base_url.host, client.base_url.port), 10) as line:
        line.sendall(f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\n".encode())
        began_s, line_is_open = time.monotonic(), True
        line.settimeout(0.2)
        while line_is_open and time.monotonic() < began_s + 8:
            try:
                line.sendall(b" ")
                line_is_open = not line.recv(4096)
            except TimeoutError:
                pass
            except OSError:
                line_is_open = False
        assert not line_is_open


def test_headers_that_do_not_end_are_not_waited_for(tiny):
    with socket.create_connection((tiny.base_url.host, tiny.base_url.port), 10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: ")
        line.settimeout(9)
        assert b"408" in line.recv(64)
    with closing(HTTPConnection(tiny.base_url.host, tiny.base_url.port, timeout=9)) as line:
        line.request("GET", "/")
        assert line.getresponse().status == 200


def test_a_client_that_goes_away_leaves_nothing_behind(tiny, store, caplog):
    with socket.create_connection((tiny.base_url.host, tiny.base_url.port)) as line:
        head = b"POST /api/datasets/ana/lift/commit/main HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
        line.sendall(head + lines(file("a"))[:-20])
    with socket.create_connection((tiny.base_url.host, tiny.base_url.port)) as line:
        line.sendall(b"no HTTP at all\r\n\r\n")
        assert line.recv(100).split()[1] == b"400"
    assert files(tiny) == []
    for _ in range(100):
        if not list((store.folder / "partial").iterdir()):
            break
        time.sleep(0.05)
    assert not list((store.folder / "partial").iterdir())
    assert not [record for record in caplog.records if record.exc_info]


def test_metadata_that_would_take_for_ever(http):
    for metadata in ("a: " + "[" * 5000, "a: b\n" * 30_000, "- a", "a: [", "\t", "a: !!python/object:os.system x"):
        answer = http.post("/api/validate-yaml", json={"content": f"---\n{metadata}\n---\n", "repoType": "model"})
        assert (answer.status_code, len(answer.json()["errors"])) == (400, 1), metadata[:20]
    for content in ("", "# no metadata", "---\n---\n", "---\nlicense: mit\n---\n"):
        assert http.post("/api/validate-yaml", json={"content": content, "repoType": "model"}).status_code == 200


class TestLfs:
    CONTENT = b"large" * 10_000
    OID = hashlib.sha256(CONTENT).hexdigest()

    def offer(self, client, oid=OID, size=50_000, repo="ana/lift"):
        body = {"operation": "upload", "objects": [{"oid": oid, "size": size}], "transfers": ["basic"]}
        return client.post(f"/datasets/{repo}.git/info/lfs/objects/batch", json=body)

    def test_what_was_announced_arrives(self, tiny, store):
        actions = self.offer(tiny).json()["objects"][0]["actions"]
        assert refused(tiny.post(actions["verify"]["href"], json={"oid": self.OID, "size": 50_000}), 404)
        assert tiny.put(actions["upload"]["href"], content=self.CONTENT).status_code == 200
        assert tiny.post(actions["verify"]["href"], json={"oid": self.OID, "size": 50_000}).status_code == 200
        assert "actions" not in self.offer(tiny).json()["objects"][0]
        pointer = {"key": "lfsFile", "value": {"path": "l", "algo": "sha256", "oid": self.OID, "size": 50_000}}
        assert commit(tiny, lines(pointer)).status_code == 200
        head = tiny.head("/datasets/ana/lift/resolve/main/l")
        assert (head.headers["X-Linked-Etag"], head.headers["X-Linked-Size"]) == (f'"{self.OID}"', "50000")
        part = tiny.get("/datasets/ana/lift/resolve/main/l", headers={"Range": "bytes=49990-"})
        assert (part.status_code, part.content) == (206, self.CONTENT[-10:])

    def test_what_was_not_announced_does_not(self, tiny, store):
        href = self.offer(tiny).json()["objects"][0]["actions"]["upload"]["href"]
        cut = self.CONTENT[:-1]
        for content in (b"", b"other", cut, cut + b"!", self.CONTENT + b"!"):
            assert tiny.put(href, content=content).status_code in (400, 413)
        assert not list((store.folder / "blobs").iterdir())
        assert not list((store.folder / "partial").iterdir())

    def test_an_address_that_was_not_given_out(self, tiny, store):
        href = self.offer(tiny).json()["objects"][0]["actions"]["upload"]["href"]
        other = hashlib.sha256(b"other").hexdigest()
        for wrong in (
            href[:-1] + ("0" if href[-1] != "0" else "1"),
            href.replace(self.OID, other),
            href.replace("50000", "5"),
        ):
            assert refused(tiny.put(wrong, content=b"other"), 403)
        for odd in ("/lfs/x/1/y", "/lfs/..%2F..%2Fx/1/y", f"/lfs/{self.OID}/-1/y", f"/lfs/{self.OID}/x/y"):
            assert tiny.put(odd, content=b"other").status_code in (400, 404)
        assert not list((store.folder / "blobs").iterdir())

    def test_too_large(self, tiny):
        assert refused(self.offer(tiny, size=100_001), 413)
        assert refused(self.offer(tiny, repo="ana/push"), 404)
        for size in range(2):
            commit(tiny, lines(file(f"f{size}", bytes([size]) * 60_000)))
        assert refused(self.offer(tiny), 507)


class TestTokens:
    def test_whose_a_token_is(self, connect, store):
        ana = add_student(store.folder, "ana")
        tokens = Tokens(store.folder)
        client = connect(tokens, ana)
        me = client.get("/api/whoami-v2").json()
        assert (me["name"], me["orgs"], me["writesEverywhere"]) == ("ana", [], False)
        teacher = client.get("/api/whoami-v2", headers={"Authorization": f"Bearer {tokens.teacher}"}).json()
        assert (teacher["name"], teacher["writesEverywhere"]) == ("teacher", True)

    def test_nothing_without_one(self, connect, store):
        ana = add_student(store.folder, "ana")
        client = connect(Tokens(store.folder))
        for sent in ("", "Bearer", "Bearer x", f"Basic {ana}", ana, f"Bearer {ana}x", "Bearer \xff"):
            headers = {"Authorization": sent.encode("latin-1")} if sent else {}
            for method, address in (
                ("GET", "/api/whoami-v2"),
                ("GET", "/api/datasets/ana/lift"),
                ("GET", "/datasets/ana/lift/resolve/main/x"),
                ("POST", "/api/datasets/ana/lift/commit/main"),
                ("POST", "/api/repos/create"),
                ("POST", "/datasets/ana/lift.git/info/lfs/objects/batch"),
                ("DELETE", "/api/datasets/ana/lift/tag/v3.0"),
            ):
                assert refused(client.request(method, address, headers=headers), 401, "HF_TOKEN"), (sent, address)

    def test_students_write_at_home_only(self, connect, store):
        ana, ben = add_student(store.folder, "ana"), add_student(store.folder, "ben")
        tokens = Tokens(store.folder)
        client = connect(tokens, ana)
        assert make_repo(client).status_code == 200
        assert commit(client, lines(file("a"))).status_code == 200
        client.headers["Authorization"] = f"Bearer {ben}"
        assert client.get("/datasets/ana/lift/resolve/main/a").text == "x"
        assert refused(make_repo(client, "ana", "mine"), 403, "ben may write to ben/... only")
        assert refused(commit(client, lines(file("b"))), 403)
        for method, rest in (
            ("DELETE", "tag/x"),
            ("POST", "tag/main"),
            ("POST", "branch/x"),
            ("POST", "preupload/main"),
        ):
            body = {"tag": "x", "files": []} if method == "POST" else None
            assert refused(client.request(method, f"/api/datasets/ana/lift/{rest}", json=body), 403)
        assert refused(TestLfs().offer(client), 403)
        client.headers["Authorization"] = f"Bearer {tokens.teacher}"
        assert commit(client, lines(file("b"))).status_code == 200
        assert files(client) == ["a", "b"]

    def test_a_renewed_token_ends_the_old_one_at_once(self, connect, store):
        old = add_student(store.folder, "ana")
        client = connect(Tokens(store.folder), old)
        assert client.get("/api/whoami-v2").status_code == 200
        new = add_student(store.folder, "ana", renew=True)
        assert client.get("/api/whoami-v2").status_code == 401
        assert client.get("/api/whoami-v2", headers={"Authorization": f"Bearer {new}"}).status_code == 200

    def test_no_token_is_kept(self, store):
        ana = add_student(store.folder, "ana")
        kept = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
        assert b"ana" in kept
        assert ana.encode() not in kept

    def test_on_a_network_every_host_name_is_ours_and_no_page_may_write(self, connect, store):
        client = connect(Tokens(store.folder), add_student(store.folder, "ana"), lan=True)
        assert client.get("/api/whoami-v2", headers={"Host": "192.168.1.7:8765"}).status_code == 200
        assert refused(client.post("/api/repos/create", json={"name": "a"}, headers={"Origin": "http://a"}), 403)
