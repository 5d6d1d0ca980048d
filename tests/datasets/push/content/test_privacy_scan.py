"""What must not leave the machine is found, wherever it hides, and is not shown again."""

import json
import socket

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.push.content import privacy_scan
from armchair_datasets.push.content.payload import make_payload
from armchair_datasets.push.content.privacy_scan import UnsafeError, check_safe

TOKEN = "hf_" + "aBcDeFgHiJ" * 3
SECRETS = {
    f'"token": "{TOKEN}"': "token",
    "Authorization: Bearer abcdef0123456789": "token",
    '{"authorization": "Basic dXNlcjpwYXNz"}': "token",
    "WANDB_API_KEY=" + "0123456789" * 4: "token",
    "machine api.wandb.ai login user password " + "a1b2c3d4e5" * 4: "token",
    "OPENAI=sk-proj-" + "x" * 40: "token",
    "ghp_" + "a" * 36: "token",
    "-----BEGIN OPENSSH PRIVATE KEY-----": "token",
    "password: hunter2hunter2": "token",
    '"root": "/home/marta/robots/lift"': "path",
    "/Users/marta/lift": "path",
    r'"C:\\Users\\marta\\lift"': "path",
    r"d:\users\marta": "path",
    "/dev/serial/by-id/usb-1a86_USB_Single_Serial_58FA083324-if00": "serial",
    "port=/dev/tty.usbmodem5A460842341": "serial",
    '"serial_number_or_name": "0123422071983"': "serial",
    "usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0": "serial",
}
HARMLESS = [
    '"repo_id": "marta/lift"', "/dev/ttyACM0", '"pad_token": "<|endoftext|>"', "hf_hub_download(...)", "tokenizer.json",
    '"password": null', '"api_key": ""', "the task-force of sk-learn", "/home/", "https://users.example.org/home",
    '"serial_port": "/dev/ttyUSB0"', "observation.state", "homework/home", "/dev/tty.usbmodem1101",
]  # fmt: skip


@pytest.fixture
def found(policy):
    """(name of a file, its content) -> what is found when it is sent with a policy."""

    def find(name, content):
        file = policy / "checkpoints/last/pretrained_model" / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [(one.kind, one.place) for one in privacy_scan.scan(make_payload(policy, "me/nano"))]

    return find


@pytest.mark.parametrize("text", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_found_on_its_line(found, text):
    assert found("notes.md", f"one\ntwo\nsee {text}.\n") == [(SECRETS[text], "notes.md:3")]


def test_harmless_text_is_let_through(found):
    assert found("notes.md", "\n".join(HARMLESS)) == []


def test_names_of_the_machine_and_its_user_are_found_as_words(found, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "Martas-MacBook.local")
    monkeypatch.setattr("getpass.getuser", lambda: "mgarcia")
    lines = "martas-macbook\nat martas-macbook.local:22\nby MGarcia\nmgarcias\n"
    assert found("log.txt", lines) == [("name", f"log.txt:{line}") for line in (1, 2, 3)]
    monkeypatch.setattr("getpass.getuser", lambda: "me")  # the user's name on the Hub
    assert [place for _, place in found("log.txt", "me\nmartas-macbook")] == ["log.txt:2"]


def test_common_names_say_nothing(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "ubuntu")
    monkeypatch.setattr("getpass.getuser", lambda: "pi")
    assert privacy_scan.own_names() == set()


def test_words_inside_of_other_formats(dataset, monkeypatch):
    from safetensors.numpy import save_file

    notes = pa.table({"tasks": [["Lift it."], ["as in /home/marta/x"]], "note": ["", TOKEN], "number": [1, 2]})
    pq.write_table(notes.replace_schema_metadata({"made": "on /Users/marta"}), dataset / "notes.parquet")
    with av.open(str(dataset / "extra.mp4"), "w") as video:
        video.metadata["comment"] = "usb-1a86_USB_58FA083324-if00"
        stream = video.add_stream("h264", rate=30)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(picture), *stream.encode(None)]:
            video.mux(packet)
    save_file({"x": np.zeros(2)}, dataset / "weights.safetensors", metadata={"from": "/home/marta"})
    places = {(finding.kind, finding.place) for finding in privacy_scan.scan(make_payload(dataset, "me/lift"))}
    assert places == {
        ("path", "notes.parquet (column tasks)"),
        ("token", "notes.parquet (column note)"),
        ("path", "notes.parquet (metadata made)"),
        ("serial", "extra.mp4 (metadata comment)"),
        ("path", "weights.safetensors (header)"),
    }


def test_a_token_is_never_let_through_nor_shown(dataset):
    (dataset / "meta/notes.json").write_text(json.dumps({"token": TOKEN}))
    with pytest.raises(UnsafeError, match=r"meta/notes.json:1: key or password hf_aBc….*: take the .* make it invalid"):
        check_safe(make_payload(dataset, "me/lift", allowed=("path", "serial", "name")))
    with pytest.raises(UnsafeError) as caught:
        check_safe(make_payload(dataset, "me/lift"))
    assert "DeFgHiJ" not in str(caught.value) + str(caught.value.findings)


def test_the_rest_is_let_through_by_name(dataset):
    (dataset / "notes.txt").write_text("/home/marta\n/dev/serial/by-id/usb-x\n")
    words = r"\(notes.txt:1: home folder /home/… and 1 more like it\): .* add --allow path --allow serial if everybody"
    with pytest.raises(UnsafeError, match=words):
        check_safe(make_payload(dataset, "me/lift"))
    with pytest.raises(UnsafeError, match="add --allow serial if"):
        check_safe(make_payload(dataset, "me/lift", allowed=("path",)))
    check_safe(make_payload(dataset, "me/lift", allowed=("path", "serial")))


def test_what_stays_here_is_not_searched(dataset):
    for name in (".env", ".cache/token", "images/loose.txt"):
        (dataset / name).parent.mkdir(exist_ok=True)
        (dataset / name).write_text(TOKEN)
    check_safe(make_payload(dataset, "me/lift"))


def test_a_damaged_file_is_named(dataset):
    (dataset / "data/chunk-000/file-000.parquet").write_bytes(b"PAR1 cut off")
    with pytest.raises(ArmchairError, match=r"file-000.parquet cannot be read .*armchair repair"):
        check_safe(make_payload(dataset, "me/lift"))


def test_a_link_does_not_lead_out_of_the_folder(dataset, tmp_path):
    (tmp_path / "key").write_text("private")
    (dataset / "notes.txt").symlink_to(tmp_path / "key")
    with pytest.raises(ArmchairError, match=r"notes.txt is a link out of the folder"):
        check_safe(make_payload(dataset, "me/lift"))
