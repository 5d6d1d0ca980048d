"""What a page may ask of jobs: a viewer watches, a student ends their own, a teacher all."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request

from armchair.web.access.permissions import Permissions
from armchair.web.access.visitors import may
from armchair.web.jobs.jobs import Jobs


def job_routes(jobs: Jobs, gate: Permissions) -> APIRouter:
    """/api/jobs: the list, and for each its log, stop, again and forget."""
    router = APIRouter(prefix="/api/jobs")

    def own(number: int, request: Request) -> int:
        """`number`, if it is the visitor's to end."""
        if not may(gate.role(request), "teacher") and jobs.find(number)["owner"] != gate.owner(request):
            raise HTTPException(403, "this is somebody else's: a teacher may do so.")
        return number

    @router.get("", dependencies=[gate.needs("view")])
    def listing() -> list[dict[str, Any]]:
        return jobs.news()

    @router.get("/{number}/log", dependencies=[gate.needs("view")])
    def log(number: int) -> dict[str, Any]:
        return {"log": jobs.log(number)}

    @router.post("/{number}/stop", dependencies=[gate.needs("student")])
    def stop(number: int, request: Request) -> dict[str, Any]:
        return jobs.stop(own(number, request))

    @router.post("/{number}/again", dependencies=[gate.needs("student")])
    def again(number: int, request: Request) -> dict[str, Any]:
        return jobs.again(own(number, request))

    @router.post("/{number}/forget", dependencies=[gate.needs("student")])
    def forget(number: int, request: Request) -> dict[str, Any]:
        jobs.forget(own(number, request))
        return {"forgotten": number}

    return router
