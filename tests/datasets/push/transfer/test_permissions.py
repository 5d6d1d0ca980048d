"""Who may write where, in the answers of a real hub and in the Hub's own words."""

import pytest

from armchair_core.errors import ArmchairError
from armchair_datasets.push.errors import LoginNeededError
from armchair_datasets.push.transfer.permissions import check_rights, check_who, examine


def test_nobody_a_wrong_token_a_student_and_the_teacher(strict_hub, monkeypatch, tmp_path):
    import huggingface_hub.constants

    from armchair_datasets.hub.store.tokens import add_student

    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(LoginNeededError, match=r"you are not logged in at http.*: type `hf auth login` and paste"):
        examine("ana/lift")
    monkeypatch.setenv("HF_TOKEN", "hf_" + "x" * 34)
    with pytest.raises(LoginNeededError, match=r"your token is wrong, has expired or was revoked"):
        examine("ana/lift")
    monkeypatch.setenv("HF_TOKEN", add_student(strict_hub.folder, "ana"))
    assert check_rights("ana/lift") == "ana"  # asked as a program would
    with pytest.raises(ArmchairError, match=r"you are ana and may not write to ben/…: use --repo-id ana/lift\."):
        examine("ben/lift")
    monkeypatch.setenv("HF_TOKEN", strict_hub.teacher)
    assert examine("ben/lift") == "teacher"


def test_rights_without_a_hub(hub, monkeypatch):
    with pytest.raises(ArmchairError, match="no name on the Hub"):
        check_rights("lift")
    hub.fail()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ArmchairError, match=r"cannot be asked .*: the connection to .*:9 failed .*; go online"):
        check_rights("me/lift")
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/nothing-here")
    with pytest.raises(ArmchairError, match=r"there is no Hub at .*nothing-here: set HF_ENDPOINT to one, or unset it"):
        examine("me/lift")


def token(**about):
    return {"name": "me", "auth": {"accessToken": about}}


SCOPED = {"role": "fineGrained", "fineGrained": {"scoped": [
    {"entity": {"type": "user", "name": "me"}, "permissions": ["repo.content.read", "repo.write"]},
    {"entity": {"type": "org", "name": "lab"}, "permissions": ["repo.content.read"]},
]}}  # fmt: skip
ORGS = [{"name": "lab", "roleInOrg": "write"}, {"name": "club", "roleInOrg": "read"}]


def test_what_the_hub_says_of_a_token():
    """In the words of its `/api/whoami-v2`, which a classroom hub does not all use."""
    check_who("me/x", token(role="write"))
    check_who("lab/x", token(role="write") | {"orgs": ORGS})
    check_who("me/x", token(**SCOPED))
    with pytest.raises(ArmchairError, match=r"may not write to club/…: use --repo-id me/x, or a name in lab\."):
        check_who("club/x", token(role="write") | {"orgs": ORGS})
    with pytest.raises(ArmchairError, match="your token may read but not write me/x: make one"):
        check_who("me/x", token(role="read"))
    with pytest.raises(ArmchairError, match="may read but not write lab/x"):
        check_who("lab/x", token(**SCOPED) | {"orgs": ORGS})
