"""Refusals, as the Hub's clients understand them.

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
    """There is no such repo."""
    return HubError(404, f"there is no {repo_id} on this hub.", "RepoNotFound")


def no_revision(repo_id: str, revision: str) -> HubError:
    """The repo has no such branch, tag or commit."""
    return HubError(404, f"{repo_id} has no branch, tag or commit {revision}.", "RevisionNotFound")


def no_entry(repo_id: str, path: str, commit: str) -> HubError:
    """The commit has no such file or folder; clients remember that by the commit."""
    return HubError(404, f"{repo_id} has no {path}.", "EntryNotFound", {"X-Repo-Commit": commit})
