"""The hub's refusals, as clients of the Hub understand them.

huggingface_hub reads the header `X-Error-Code` to tell a missing repo, revision and file apart, and shows
`X-Error-Message` and the JSON field `error` to the user (huggingface_hub 1.33, utils/_http.py).
"""

from collections.abc import Mapping

from starlette.exceptions import HTTPException


class HubError(HTTPException):
    """A request that is refused: an HTTP status, a sentence for its sender, and the Hub's code for it if it has one."""

    def __init__(self, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None) -> None:
        line = " ".join(message.encode("latin-1", "replace").decode("latin-1").split())  # what a header can carry
        told = {"X-Error-Message": line, **({"X-Error-Code": code} if code else {}), **(headers or {})}
        super().__init__(status, message, told)


def no_repo(repo_id: str) -> HubError:
    """Return the refusal for a repo that is not there."""
    return HubError(404, f"there is no {repo_id} on this hub.", "RepoNotFound")


def no_revision(repo_id: str, revision: str) -> HubError:
    """Return the refusal for a branch, tag or commit that the repo does not have."""
    return HubError(404, f"{repo_id} has no branch, tag or commit {revision}.", "RevisionNotFound")


def no_entry(repo_id: str, path: str, commit: str) -> HubError:
    """Return the refusal for a file or folder that the commit does not have; clients remember that by the commit."""
    return HubError(404, f"{repo_id} has no {path}.", "EntryNotFound", {"X-Repo-Commit": commit})
