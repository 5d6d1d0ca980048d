"""The one request of huggingface_hub that goes astray when HF_ENDPOINT is set."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

CHECK_A_CARD = """
from lerobot_robot_armchair.hub_endpoint import follow_endpoint
follow_endpoint()
from huggingface_hub import RepoCard, get_session
RepoCard("---\\nlicense: mit\\n---\\n# A card").validate(repo_type="dataset")
get_session().post(ENDPOINT + "/api/other")
"""


@pytest.fixture
def hub():
    """A server that says yes to everything and remembers what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.asked.append((self.path, self.headers["Host"], body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_a_cards_check_goes_to_the_endpoint(hub):
    address = f"127.0.0.1:{hub.server_port}"
    environment = {**os.environ, "HF_ENDPOINT": f"http://{address}", "HF_HUB_OFFLINE": "0"}
    code = CHECK_A_CARD.replace("ENDPOINT", repr(f"http://{address}"))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (path, host, body), other = hub.asked
    assert (path, host) == ("/api/validate-yaml", address)
    assert json.loads(body) == {"repoType": "dataset", "content": "---\nlicense: mit\n---\n# A card"}
    assert other[:2] == ("/api/other", address)


def test_without_an_endpoint_nothing_is_touched():
    environment = {name: value for name, value in os.environ.items() if name != "HF_ENDPOINT"}
    code = (  # by its path: its package imports LeRobot, and that imports both
        "import runpy, sys; from importlib.util import find_spec; from pathlib import Path;"
        "path = Path(find_spec('lerobot_robot_armchair').origin).with_name('hub_endpoint.py');"
        "runpy.run_path(str(path))['follow_endpoint']();"
        "print({'huggingface_hub', 'httpx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()", done.stderr
