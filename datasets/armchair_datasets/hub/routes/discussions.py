"""Routes of discussions and pull requests: what `create_pr`, `hf discussions` and `hf upload --create-pr` ask."""

from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.routes.access import Reader, ReadRepo, WriteRepo, check_may_write
from armchair_datasets.hub.store.discussions import Discussion, comment
from armchair_datasets.hub.store.pull_requests import PullRequests
from armchair_datasets.hub.store.repository import MAIN, Repository
from armchair_datasets.hub.store.tokens import Person

router = APIRouter()
_ALL = "/api/{kind}/{namespace}/{name}/discussions"
_ONE = _ALL + "/{number}"
_A_PAGE = 50
_TEXT = Field(default="", max_length=50_000)


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class NewDiscussion(_Strict):
    """A discussion to begin."""

    title: str = Field(min_length=3, max_length=200)
    description: str = _TEXT
    is_pull_request: bool = Field(default=False, alias="pullRequest")


class Comment(_Strict):
    """What somebody says."""

    comment: str = _TEXT


class Title(_Strict):
    """What it shall be called."""

    title: str = Field(min_length=3, max_length=200)


class NewStatus(_Strict):
    """Whether it goes on."""

    status: Literal["open", "closed"]
    comment: str = _TEXT


@router.get(_ALL)
def discussions(
    repository: ReadRepo,
    of_type: Literal["all", "discussion", "pull_request"] = Query("all", alias="type"),
    status: Literal["all", "open", "closed"] = "all",
    author: str | None = None,
    page: int = Query(0, alias="p", ge=0),
) -> dict[str, Any]:
    """List a repo's discussions and pull requests, the latest first."""
    found = [
        one
        for one in PullRequests(repository).all()
        if of_type in ("all", "pull_request" if one.is_pull_request else "discussion")
        and (status == "all" or (status == "open") == (one.status in ("open", "draft")))
        and author in (None, one.author)
    ]
    shown = found[page * _A_PAGE : (page + 1) * _A_PAGE]
    items = [_item(repository, one) for one in shown]
    return {"discussions": items, "count": len(found), "start": page * _A_PAGE, "numClosedDiscussions": 0}


@router.post(_ALL)
def begin(repository: ReadRepo, person: Reader, new: NewDiscussion) -> dict[str, Any]:
    """Begin one. Whoever may read may."""
    begun = PullRequests(repository).begin(new.title, new.description, person.name, new.is_pull_request)
    return _item(repository, begun)


@router.get(_ONE)
def details(repository: ReadRepo, number: int) -> dict[str, Any]:
    """Show one with all that happened."""
    requests = PullRequests(repository)
    one = requests.get(number)
    known = {**_item(repository, one), "events": list(one.events)}
    if not one.is_pull_request:
        return known
    changes = {"base": f"refs/heads/{MAIN}", "mergeCommitId": one.merged}
    return {**known, "changes": changes, "filesWithConflicts": requests.conflicts(one), "diff": None}


@router.post(_ONE + "/comment")
def say(repository: ReadRepo, person: Reader, number: int, said: Comment) -> dict[str, Any]:
    """Say something. Whoever may read may."""
    changed = PullRequests(repository).change(
        number, lambda one: one.with_event("comment", person.name, comment(said.comment))
    )
    return {"newMessage": changed.events[-1]}


@router.post(_ONE + "/title")
def rename(repository: ReadRepo, person: Reader, number: int, new: Title) -> dict[str, Any]:
    """Call it otherwise."""

    def change(one: Discussion) -> Discussion:
        _check_may_change(repository, person, one)
        renamed = one.with_event("title-change", person.name, {"from": one.title, "to": new.title})
        return replace(renamed, title=new.title)

    return {"newTitle": PullRequests(repository).change(number, change).events[-1]}


@router.post(_ONE + "/status")
def close(repository: ReadRepo, person: Reader, number: int, new: NewStatus) -> dict[str, Any]:
    """End it, or go on with it."""

    def change(one: Discussion) -> Discussion:
        _check_may_change(repository, person, one)
        if one.status == "merged":
            raise HubError(409, f"{number} is merged: what is in main cannot be closed.")
        said = one.with_event("comment", person.name, comment(new.comment)) if new.comment else one
        return replace(said.with_event("status-change", person.name, {"status": new.status}), status=new.status)

    return {"newStatus": PullRequests(repository).change(number, change).events[-1]}


@router.post(_ONE + "/merge")
def merge(repository: WriteRepo, person: Reader, number: int) -> dict[str, Any]:
    """Take a pull request over into main."""
    return _item(repository, PullRequests(repository).merge(number, person.name))


def _check_may_change(repository: Repository, person: Person, one: Discussion) -> None:
    if one.author != person.name:
        check_may_write(person, repository.repo)


def _item(repository: Repository, one: Discussion) -> dict[str, Any]:
    """Return a discussion in the Hub's words."""
    repo = repository.repo
    return {
        "num": one.num,
        "title": one.title,
        "status": one.status,
        "author": {"name": one.author},
        "createdAt": one.created,
        "isPullRequest": one.is_pull_request,
        "repo": {"name": repo.id, "type": repo.kind.removesuffix("s")},
    }
