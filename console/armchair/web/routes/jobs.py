"""The routes of jobs: a viewer watches, a student ends their own, a teacher all."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request

from armchair.web.access.permissions import Permissions
from armchair.web.access.visitors import may
from armchair.web.jobs.jobs import Jobs


def job_routes(jobs: Jobs, permissions: Permissions) -> APIRouter:
    """/api/jobs: the list, and for each its log, stop, again and forget."""
    router = APIRouter(prefix="/api/jobs")

    def own(number: int, request: Request) -> int:
        """`number`, if it is the visitor's to end."""
        role = permissions.role(request)
        if not (role and may(role, "teacher")) and jobs.find(number)["owner"] != permissions.owner(request):
            raise HTTPException(403, "this is somebody else's: a teacher may do so.")
        return number

    @router.get("", dependencies=[permissions.needs("view")])
    def listing() -> list[dict[str, Any]]:
        return jobs.status()

    @router.get("/{number}/log", dependencies=[permissions.needs("view")])
    def log(number: int) -> dict[str, Any]:
        return {"log": jobs.log(number)}

    @router.post("/{number}/stop", dependencies=[permissions.needs("student")])
    def stop(number: int, request: Request) -> dict[str, Any]:
        return jobs.stop(own(number, request))

    @router.post("/{number}/again", dependencies=[permissions.needs("student")])
    def again(number: int, request: Request) -> dict[str, Any]:
        return jobs.again(own(number, request))

    @router.post("/{number}/forget", dependencies=[permissions.needs("student")])
    def forget(number: int, request: Request) -> dict[str, Any]:
        jobs.forget(own(number, request))
        return {"forgotten": number}

    return router
