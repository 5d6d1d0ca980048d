"""The routes of uploads. They wait in the queue of `armchair push`, and its worker outlives the console."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter

from armchair.terminal.upload_status import in_bytes, job_as_json
from armchair.web.access.hidden_folders import told
from armchair.web.access.messages import LookRequest, PushRequest
from armchair.web.access.permissions import Permissions
from armchair.web.access.project_folder import ProjectFolder
from armchair_core.dataset_format.columns import IMAGE_PREFIX
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.push.content.payload import Payload, endpoint, is_the_hub, make_payload, seen_by
from armchair_datasets.push.content.privacy_scan import KINDS, TOKEN, scan
from armchair_datasets.push.queue.queue import everywhere

_MOST_FINDINGS = 20


def push_routes(project: ProjectFolder, permissions: Permissions) -> APIRouter:
    """/api/share: what could go where, a look at it, sending it, and the queue."""
    router = APIRouter(prefix="/api/share")

    @router.get("", dependencies=[permissions.needs("student")])
    def choices() -> dict[str, Any]:
        return {
            "datasets": project.datasets(), "policies": project.policies(), "where": endpoint(),
            "is_the_hub": is_the_hub(),
        }  # fmt: skip

    @router.get("/queue", dependencies=[permissions.needs("student")])
    def queue() -> list[dict[str, Any]]:
        return [_without_paths(job) for job in _queue()]

    @router.post("/look", dependencies=[permissions.needs("teacher")])
    def look(asked: LookRequest) -> dict[str, Any]:
        return _look(_payload(project, asked))

    @router.post("", dependencies=[permissions.needs("teacher")])
    def share(asked: PushRequest) -> dict[str, Any]:
        from armchair_datasets.push.content.completeness import check_complete
        from armchair_datasets.push.content.privacy_scan import check_safe
        from armchair_datasets.push.queue.queue import enqueue
        from armchair_datasets.push.queue.worker import start_worker
        from armchair_datasets.push.transfer.permissions import check_rights

        payload = _payload(project, asked, asked.public, asked.footage_consent, tuple(asked.allowed))
        check_complete(payload)
        check_safe(payload)
        who = check_rights(payload.repo_id)
        enqueue(payload)
        start_worker()
        return {"who": who, "url": payload.url}

    @router.post("/resume", dependencies=[permissions.needs("teacher")])
    def resume() -> dict[str, Any]:
        from armchair_datasets.push.queue.worker import start_worker

        start_worker()
        return {"resumed": True}

    return router


def _payload(
    project: ProjectFolder,
    asked: LookRequest,
    public: bool = False,
    footage_consent: bool = False,
    allowed: tuple[str, ...] = (),
) -> Payload:
    folder = project.path(asked.name)
    if asked.name not in (*project.datasets(), *project.policies()):
        raise ArmchairError(f"there is no dataset or policy {asked.name} any more: choose another.")
    return make_payload(folder, asked.repo_id, public=public, footage_consent=footage_consent, allowed=allowed)


def _look(payload: Payload) -> dict[str, Any]:
    """What would leave this computer."""
    files, findings = payload.files(), scan(payload)
    cameras = {path.split("/")[1].removeprefix(IMAGE_PREFIX) for path in files if path.startswith("videos/")}
    return {
        "kind": payload.kind, "what": _what(payload), "url": payload.url, "files": len(files),
        "seen_by": {"private": seen_by(public=False), "public": seen_by(public=True)},
        "size": in_bytes(sum(file.stat().st_size for file in files.values())), "cameras": sorted(cameras),
        "findings": [str(finding) for finding in findings[:_MOST_FINDINGS]],
        "kinds": {kind: words for kind, words in KINDS.items() if any(each.kind == kind for each in findings)},
        "never": any(finding.kind == TOKEN for finding in findings),
    }  # fmt: skip


def _what(payload: Payload) -> str:
    """Which it is, so that nobody sends another than they mean."""
    if payload.kind == "policy":
        return payload.folder.name
    try:
        from armchair_datasets.quality.summary import summarise_dataset  # pyarrow, which a console at rest is without

        about = summarise_dataset(payload.folder)
    except ArmchairError:  # sending it says what is wrong with it
        return payload.folder.name
    tasks = " and ".join(f"“{task}”" for task in about.tasks[:2]) + (" and more" if len(about.tasks) > 2 else "")
    return f"{payload.folder.name}, {number_of(about.episodes, 'episode')}{f' of {tasks}' if tasks else ''}"


def _queue() -> list[dict[str, Any]]:
    from armchair_datasets.push.queue.worker import is_working

    found = [job_as_json(job, is_working(queue)) for queue in everywhere() for job in queue.jobs()]
    return sorted(found, key=lambda job: -job["asked_at"])


def _without_paths(job: dict[str, Any]) -> dict[str, Any]:
    """For visitors: a folder by its name alone, in sentences too."""
    return {**told(job, Path.cwd()), "folder": Path(job["folder"]).name}
