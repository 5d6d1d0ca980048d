"""One process a port, on real pseudo-terminals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from armchair_core.errors import ArmchairError
from armchair_robot.bus import port_lock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")

# A process that makes the port, as the twin does: it holds both ends.
MAKER = "import os, tty; m, s = os.openpty(); tty.setraw(s); print(os.ttyname(s), flush=True); input()"
FOREIGN = "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print('open', flush=True); input()"
OURS = (
    "import sys; from armchair_robot.bus import port_lock; "
    "port_lock.take(sys.argv[1]); print('open', flush=True); input()"
)


def start(code: str, *words: str) -> tuple[subprocess.Popen, str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


@pytest.fixture
def port(tmp_path):
    maker, device = start(MAKER)
    link = tmp_path / "follower"
    link.symlink_to(device)
    yield str(link)
    port_lock.release(str(link))
    maker.kill()
    maker.communicate()


def test_who_made_the_port_is_nobodys_rival_and_release_gives_it_back(port):
    port_lock.take(port)
    port_lock.take(port)
    port_lock.release(port)
    port_lock.release(port)
    port_lock.take(port)


@pytest.mark.parametrize("code", [FOREIGN, OURS], ids=["foreign", "ours"])
def test_the_holder_is_named_until_it_is_gone_however_it_went(port, code):
    device = os.path.realpath(port)
    holder, _ = start(code, device)  # by another name: the device counts, not the link
    with pytest.raises(ArmchairError, match=rf"is in use by process {holder.pid} \(.*end that first"):
        port_lock.take(port)
    holder.kill()
    holder.communicate()
    port_lock.take(port)


def test_what_is_no_device_here_is_left_alone(tmp_path):
    port_lock.take("tcp://127.0.0.1:5101")
    port_lock.take(str(tmp_path / "nothing"))
    assert port_lock.holders(str(tmp_path / "nothing")) == []


def test_pyserials_exclusive_keeps_to_it_too(port):
    import serial

    port_lock.take(port)
    with pytest.raises(serial.SerialException, match="exclusively lock"):
        serial.Serial(port, exclusive=True)


def test_nothing_is_left_open(port):
    before = len(list(Path("/proc/self/fd").iterdir()))
    port_lock.take(port)
    port_lock.release(port)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
