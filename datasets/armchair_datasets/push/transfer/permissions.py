"""The permission to write to a repo, asked for before a recording, so that its upload does not fail after it."""

from collections.abc import Mapping
from typing import Any

from armchair_core.command_line import log_in, quoted
from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import check_repo_id, endpoint
from armchair_datasets.push.errors import LoginNeededError, TransientError
from armchair_datasets.push.transfer.child_process import run_child

_ANSWER_S = 60


def check_rights(repo_id: str) -> str:
    """Ask the Hub that HF_ENDPOINT names (without it, the Hub itself) who is logged in, and return that name.

    Takes a second, in a process of its own: huggingface_hub takes its settings when it is imported.

    Raises:
        LoginNeededError: if nobody is logged in, or the token is not valid any more.
        ArmchairError: if the name is not well-formed or is somebody else's, the token may only read, or no Hub
            answers.
    """
    check_repo_id(repo_id)
    try:
        return run_child("rights", {"repo_id": repo_id}, time_s=_ANSWER_S, silence_s=_ANSWER_S)
    except TransientError as fault:
        raise ArmchairError(
            f"the Hub cannot be asked whether you may write to {repo_id}: {fault}; go online, then try again."
        ) from None


def examine(repo_id: str) -> str:
    """Do the work of `check_rights`, in the process that speaks to the Hub."""
    from huggingface_hub import get_session, get_token, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # exported, but not so marked

    token = get_token()
    answer = get_session().get(f"{endpoint()}/api/whoami-v2", headers=build_hf_headers(token=token), timeout=_ANSWER_S)
    if answer.status_code == 401:
        what = "your token is wrong, has expired or was revoked" if token else "you are not logged in"
        raise LoginNeededError(
            f"{what} at {endpoint()}: type `{log_in()}` and paste a token that may write, or set HF_TOKEN to one."
        )
    if answer.status_code == 404:
        raise ArmchairError(
            f"there is no Hub at {endpoint()}: set HF_ENDPOINT to one, or unset it to use the Hub itself."
        )
    hf_raise_for_status(answer)
    check_who(repo_id, answer.json())
    return answer.json()["name"]


def check_who(repo_id: str, who: Mapping[str, Any]) -> None:
    """Raise unless a repo's name agrees with the answer of `/api/whoami-v2`. No I/O.

    Raises:
        ArmchairError: if it is in another namespace, or the token may not write there.
    """
    namespace, _, name = repo_id.partition("/")
    # "read" is the only role in an organisation that may not make repos; a classroom hub has no roles in it.
    teams = {team["name"] for team in who.get("orgs", ()) if team.get("roleInOrg") != "read"}
    if namespace not in {who["name"], *teams} and not who.get("writesEverywhere"):
        also = f", or a name in {' or '.join(sorted(teams))}" if teams else ""
        raise ArmchairError(
            f"you are {who['name']} and may not write to {namespace}/…: use "
            f"{quoted('--repo-id', f'{who["name"]}/{name}')}{also}."
        )
    token = who.get("auth", {}).get("accessToken", {})
    if token.get("role") == "read" or (token.get("role") == "fineGrained" and not _may_write(token, repo_id)):
        raise ArmchairError(
            f"your token may read but not write {repo_id}: make one with the right to write, and type `{log_in()}`."
        )


def _may_write(token: Mapping[str, Any], repo_id: str) -> bool:
    """Return whether a fine-grained token names the repo, or its user or organisation, with the right to write."""
    scopes = token.get("fineGrained", {}).get("scoped", ())
    names = {repo_id, repo_id.partition("/")[0]}
    return any(scope["entity"].get("name") in names and "repo.write" in scope["permissions"] for scope in scopes)
