"""Ports that are taken, and by whom."""

import os

import pytest

from armchair_core.errors import ArmchairError
from armchair_core.local_server import listen


def test_who_has_a_port_is_said():
    with listen(0, False) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ArmchairError, match=rf"port {port} cannot be taken, as process {os.getpid()} .* has it: "):
            listen(port, False)


def test_a_console_of_this_folder_is_named_with_its_address(monkeypatch):
    with listen(0, False) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr("psutil.Process.cmdline", lambda self: ["python", "/x/bin/armchair", "console"])
        with pytest.raises(ArmchairError) as refused:
            listen(port, False)
    words = f"the console of this very folder has it (process {os.getpid()}), and answers at http://127.0.0.1:{port}/"
    assert words in str(refused.value)


def test_a_port_that_does_not_exist():
    with pytest.raises(ArmchairError, match="port 70000 cannot be taken, as "):
        listen(70000, False)
