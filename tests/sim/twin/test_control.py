"""One line there, one back: over a Unix socket, and over a loopback port with a secret where there is none."""

import json
import select
import socket
import threading

import pytest

from armchair_core.errors import ArmchairError
from armchair_sim.twin.control import ControlServer, ask


def answer(request):
    if request.get("do") == "refuse":
        raise ArmchairError("not today: ask tomorrow.")
    return {"heard": request}


@pytest.fixture(params=["unix", "loopback"])
def control(request, tmp_path, monkeypatch):
    if request.param == "loopback":
        monkeypatch.delattr(socket, "AF_UNIX", raising=False)
    elif not hasattr(socket, "AF_UNIX"):
        pytest.skip("no Unix sockets here")
    path, stop = tmp_path / "control", threading.Event()
    server = ControlServer(path, answer)

    def serve():
        while not stop.is_set():
            if select.select([server], [], [], 0.02)[0]:
                server.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    yield path
    stop.set()
    thread.join()
    server.close()
    assert not path.exists()


def test_answers(control):
    assert ask(control, do="status", seed=3) == {"heard": {"do": "status", "seed": 3}}


def test_refusals_arrive_as_errors(control):
    with pytest.raises(ArmchairError, match="not today"):
        ask(control, do="refuse")


def test_nobody_there(tmp_path):
    with pytest.raises(ArmchairError, match="start one with `armchair twin`"):
        ask(tmp_path / "control", do="status")


def test_a_killed_twins_file_is_nobody(tmp_path):
    (tmp_path / "control").write_text("1 0123456789abcdef")
    with pytest.raises(ArmchairError, match="start one with `armchair twin`"):
        ask(tmp_path / "control", do="status")


def test_without_the_secret_the_loopback_port_does_nothing(tmp_path, monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX", raising=False)
    heard = []
    server = ControlServer(tmp_path / "control", heard.append)
    number = int((tmp_path / "control").read_text().split()[0])
    for request in ({"do": "stop"}, {"do": "stop", "secret": "wrong"}, ["stop"]):
        with socket.create_connection(("127.0.0.1", number), 5) as line:
            line.sendall(json.dumps(request).encode())
            select.select([server], [], [], 5)
            server.serve()
            assert "control file" in json.loads(line.recv(1000))["error"]
    server.close()
    assert not heard
    assert (tmp_path / "control").exists() is False
