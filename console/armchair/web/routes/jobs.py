"""The routes of jobs: a viewer watches, a student ends their own, a teacher each and all."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException, Request

from armchair.web.access.hidden_folders import without_folders
from armchair.web.access.permissions import Permissions
from armchair.web.jobs.jobs import Jobs

StartJob = Callable[[str, str, list[object], str, Request], dict[str, Any]]


def starter(jobs: Jobs, permissions: Permissions) -> StartJob:
    """Return `Jobs.start` for requests: a job is its visitor's, within what a visitor may have."""

    def start(kind: str, title: str, words: list[object], out: str, request: Request) -> dict[str, Any]:
        owner, is_limited = permissions.owner(request), permissions.is_limited(request)
        return jobs.start(kind, title, words, out, owner, is_limited=is_limited)

    return start


def job_routes(jobs: Jobs, permissions: Permissions) -> APIRouter:
    """/api/jobs: the list, clear, and for each its log, stop, again and forget."""
    router = APIRouter(prefix="/api/jobs")

    def own(number: int, request: Request) -> int:
        """`number`, if it is the visitor's to end."""
        if permissions.is_limited(request) and jobs.find(number)["owner"] != permissions.owner(request):
            raise HTTPException(403, "this is somebody else's: a teacher may do so.")
        return number

    @router.get("", dependencies=[permissions.needs("view")])
    def listing() -> list[dict[str, Any]]:
        return jobs.status()

    @router.get("/{number}/log", dependencies=[permissions.needs("view")])
    def log(number: int) -> dict[str, Any]:
        return {"log": without_folders(jobs.log(number), jobs.root)}

    @router.post("/{number}/stop", dependencies=[permissions.needs("student")])
    def stop(number: int, request: Request) -> dict[str, Any]:
        return jobs.stop(own(number, request))

    @router.post("/{number}/again", dependencies=[permissions.needs("student")])
    def again(number: int, request: Request) -> dict[str, Any]:
        return jobs.again(own(number, request), is_limited=permissions.is_limited(request))

    @router.post("/{number}/forget", dependencies=[permissions.needs("student")])
    def forget(number: int, request: Request) -> dict[str, Any]:
        jobs.forget(own(number, request))
        return {"forgotten": number}

    @router.post("/clear", dependencies=[permissions.needs("teacher")])
    def clear() -> list[dict[str, Any]]:
        jobs.clear()
        return jobs.status()

    return router
