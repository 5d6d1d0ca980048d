"""The web application: the page, its HTTP requests and its WebSocket. Each route names who may ask for it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import segno
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from armchair.web.access.fair_share import FairShare
from armchair.web.access.form_errors import form_words, without_options
from armchair.web.access.headers import HeaderRules
from armchair.web.access.hidden_folders import without_folders
from armchair.web.access.messages import ArmRequest, Entry, Fault, Invitation, SceneRequest, TaskRequest, read_message
from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import ProjectFolder
from armchair.web.access.visitors import LASTS_S, Role
from armchair.web.drive.task_switch import set_task
from armchair.web.routes.evaluate import evaluate_routes
from armchair.web.routes.jobs import job_routes
from armchair.web.routes.push import push_routes
from armchair.web.routes.teach import library_routes, teach_routes
from armchair.web.routes.train import train_routes
from armchair.web.server.broadcast import Broadcast
from armchair.web.server.viewer import Viewer, refuse
from armchair.web.teach.lessons import Recordings
from armchair.web.teach.library import DatasetLibrary
from armchair_core.errors import ArmchairError
from armchair_core.local_server import BUSY
from armchair_core.own_address import POLICY, OwnAddress
from armchair_core.static_page import PageHeaders, page_routes
from armchair_sim.twin.faults import CAMERA_FAULT_NAMES, FAULTS, SERVO_FAULT_NAMES

STATIC = Path(__file__).with_name("static")


def make_app(broadcast: Broadcast, permissions: Permissions, project: ProjectFolder, recordings: Recordings) -> FastAPI:
    """Return the application. What is asked for another host or by another page gets no further than the middleware."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(FairShare, permissions=permissions)
    app.add_middleware(HeaderRules)
    app.add_middleware(PageHeaders)
    app.add_middleware(OwnAddress, lan=permissions.visitors.lan)
    cell, jobs, library = broadcast.cell, broadcast.jobs, DatasetLibrary(project)
    app.include_router(_entry_routes(permissions))
    app.include_router(_arm_routes(broadcast, permissions))
    if cell.choice.is_twin:
        app.include_router(_twin_routes(broadcast, permissions))
    app.include_router(job_routes(jobs, permissions))
    app.include_router(library_routes(library, permissions))
    app.include_router(teach_routes(library, recordings, jobs, permissions))
    app.include_router(push_routes(project, permissions))
    app.include_router(train_routes(jobs, project, permissions))
    app.include_router(evaluate_routes(jobs, project, permissions))
    app.add_exception_handler(ArmchairError, lambda _, error: _no(_plain(error, project), 409))
    app.add_exception_handler(RequestValidationError, lambda _, error: _no(_form_words(error), 422))

    @app.websocket("/live")
    async def live(line: WebSocket) -> None:
        role = permissions.role(line)
        if role is None:
            await line.close(POLICY)  # before it is accepted: the browser reads 403
            return
        await line.accept()
        await _serve(broadcast, line, role, permissions.owner(line))

    app.include_router(page_routes(STATIC))
    return app


def _no(words: str, status: int) -> JSONResponse:
    return JSONResponse({"detail": words}, status)


def _plain(error: Exception, project: ProjectFolder) -> str:
    return without_options(without_folders(str(error), project.root))


def _form_words(error: Exception) -> str:
    assert isinstance(error, RequestValidationError)
    return form_words(error.errors())


def _entry_routes(permissions: Permissions) -> APIRouter:
    router = APIRouter(prefix="/api")

    @router.get("/me")
    def me(request: Request) -> dict[str, Any]:
        return {"role": permissions.role(request), "lan": permissions.visitors.lan}

    @router.post("/enter")
    def enter(entry: Entry, response: Response) -> dict[str, Any]:
        found = permissions.visitors.enter(entry.token)
        if found is None:
            raise HTTPException(403, "this link has been used, or is not whole: ask for a new one.")
        cookie, role = found
        response.set_cookie(permissions.cookie, cookie, max_age=LASTS_S, httponly=True, samesite="strict")
        return {"role": role}

    @router.post("/invite", dependencies=[permissions.needs("teacher")])
    def invite(request: Invitation) -> dict[str, Any]:
        if not permissions.visitors.lan:
            raise HTTPException(409, "this page is for this computer alone: start it with --lan to invite others.")
        link = f"{permissions.links[0]}#{permissions.visitors.invite(request.role)}"
        return {"link": link, "qr": ["".join(map(str, row)) for row in segno.make(link).matrix]}

    return router


# --- the arm ------------------------------------------------------------------------------------------------------
def _arm_routes(broadcast: Broadcast, permissions: Permissions) -> APIRouter:
    router, cell = APIRouter(prefix="/api"), broadcast.cell

    @router.get("/stage", dependencies=[permissions.needs("view")])
    async def stage() -> dict[str, Any]:
        return (await cell.furnished()).shapes()

    @router.get("/stage/meshes", dependencies=[permissions.needs("view")])
    async def meshes() -> Response:
        # Asked for with their version: what a page has got once it may keep.
        headers = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=31536000, immutable"}
        return Response((await cell.furnished()).meshes.content, media_type="application/json", headers=headers)

    @router.get("/about", dependencies=[permissions.needs("view")])
    async def about() -> dict[str, Any]:
        scene = await cell.furnished()
        choice = cell.choice
        return {
            "arm": choice.where, "task": choice.task, "instruction": (choice.note or {}).get("instruction"),
            "twin": choice.is_twin, "cameras": cell.cameras.names, "front": scene.front if choice.is_twin else None,
        }  # fmt: skip

    @router.post("/stop", dependencies=[permissions.needs("view")])
    async def stop(request: Request) -> dict[str, Any]:  # in the event loop: threads may all be busy
        role = permissions.role(request) or "view"
        broadcast.stop(broadcast.name_of(permissions.owner(request), role))
        return {"stopped": True}

    @router.post("/arm", dependencies=[permissions.needs("teacher")])
    def arm(request: ArmRequest) -> dict[str, Any]:
        cell.arm.tell(request.do)
        return {"done": request.do}

    @router.post("/doctor", dependencies=[permissions.needs("teacher")])
    def doctor() -> dict[str, Any]:
        return cell.arm.examine()

    return router


def _twin_routes(broadcast: Broadcast, permissions: Permissions) -> APIRouter:
    router, cell = APIRouter(prefix="/api/twin"), broadcast.cell

    @router.get("/faults", dependencies=[permissions.needs("teacher")])
    def faults() -> list[dict[str, str]]:
        places = dict.fromkeys(SERVO_FAULT_NAMES, "joint") | dict.fromkeys(CAMERA_FAULT_NAMES, "camera")
        return [{"name": name, "words": words, "at": places.get(name, "")} for name, words in FAULTS.items()]

    @router.post("/faults", dependencies=[permissions.needs("teacher")])
    def fault(fault: Fault) -> dict[str, Any]:
        return cell.tell_twin(do="fault", name=fault.name, at=fault.at)

    @router.post("/mend", dependencies=[permissions.needs("teacher")])
    def mend() -> dict[str, Any]:
        return cell.tell_twin(do="mend")

    @router.post("/task", dependencies=[permissions.needs("teacher")])
    def task(request: TaskRequest) -> dict[str, Any]:
        set_task(cell, request.task)
        return {"task": cell.choice.task}

    @router.post("/scene", dependencies=[permissions.needs("student")])
    def scene(request: SceneRequest, who: Request) -> dict[str, Any]:
        broadcast.check_scene(permissions.owner(who), not permissions.is_limited(who))
        return cell.tell_twin(do="scene", seed=request.seed)

    return router


# --- the WebSocket ------------------------------------------------------------------------------------------------
async def _serve(broadcast: Broadcast, line: WebSocket, role: Role, owner: str) -> None:
    viewer = broadcast.join(line, role, owner)
    if isinstance(viewer, str):
        await refuse(line, BUSY, viewer)
        return
    await line.send_json({"you": viewer.id, "name": viewer.name, "role": role, "owner": owner})
    showing = asyncio.create_task(broadcast.show(viewer))
    try:
        with suppress(WebSocketDisconnect, RuntimeError):  # it was closed while we were sending
            await _listen_to(line, viewer, broadcast.hear)
    finally:
        showing.cancel()
        broadcast.leave(viewer)


async def _listen_to(line: WebSocket, viewer: Viewer, hear: Callable[[Viewer, Any], str]) -> None:
    """Until the viewer leaves, or says something that means nothing."""
    while True:
        message = await line.receive()
        if message["type"] == "websocket.disconnect":
            return
        viewer.heard_s = time.monotonic()
        if viewer.talks_too_much():
            await refuse(line, POLICY, "you say too much at once.")
            return
        try:
            said = read_message(message.get("text") or "")
        except ValidationError as error:
            await refuse(line, POLICY, form_words(error.errors()))
            return
        if why_not := hear(viewer, said):
            await line.send_json({"refused": why_not})
