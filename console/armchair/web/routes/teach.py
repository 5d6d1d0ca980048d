"""The routes of datasets: see them, record into them, let the expert fill one, tag and remove episodes."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from armchair.web.access.messages import DataName, ExpertRequest, RecordingRequest, Removal, TagRequest
from armchair.web.access.permissions import Permissions
from armchair.web.jobs.jobs import Jobs
from armchair.web.routes.jobs import starter
from armchair.web.teach.episode_videos import EpisodeVideos
from armchair.web.teach.lessons import Recordings
from armchair.web.teach.library import DatasetLibrary
from armchair_core.errors import ArmchairError
from armchair_core.words import number_of
from armchair_datasets.editing.tags import set_tags
from armchair_sim.tasks import get_task, task_names

_STUDENTS_EPISODES, _STUDENTS_PIXELS = 200, 240  # of the expert: some minutes on two cores


def library_routes(library: DatasetLibrary, permissions: Permissions) -> APIRouter:
    """/api/datasets, /api/episodes, /api/episode, /api/video, /api/film: reading."""
    router, films = APIRouter(prefix="/api", dependencies=[permissions.needs("view")]), EpisodeVideos(library)

    @router.get("/datasets")
    def datasets() -> list[dict[str, Any]]:
        return library.about()

    @router.get("/episodes")
    def episodes(data: str) -> dict[str, Any]:
        return library.episodes(data)

    @router.get("/episode")
    def episode(data: str, index: int) -> dict[str, Any]:
        return library.episode(data, index)

    @router.get("/video")
    def video(data: str, index: int, camera: str) -> FileResponse:
        return FileResponse(library.video(data, index, camera)[0], media_type="video/mp4")

    @router.get("/film")
    async def film(data: str, index: int, camera: str) -> FileResponse:
        return FileResponse(await films.film(data, index, camera), media_type="video/mp4")

    return router


def teach_routes(library: DatasetLibrary, recordings: Recordings, jobs: Jobs, permissions: Permissions) -> APIRouter:
    """/api/teach and what changes datasets."""
    router, start = APIRouter(prefix="/api"), starter(jobs, permissions)

    @router.get("/teach", dependencies=[permissions.needs("student")])
    def choices() -> dict[str, Any]:
        tasks = [{"name": name, "words": get_task(name).instruction} for name in task_names()]
        return {
            "hands": recordings.hands(), "tasks": tasks, "sentence": recordings.sentence,
            "may_change": recordings.may_change,
        }  # fmt: skip

    @router.post("/teach", dependencies=[permissions.needs("student")])
    def begin(asked: RecordingRequest, request: Request) -> dict[str, Any]:
        return recordings.begin(asked, permissions.owner(request))

    @router.post("/teach/finish", dependencies=[permissions.needs("student")])
    def finish(asked: DataName, request: Request) -> dict[str, Any]:
        return recordings.finish(asked.data, permissions.owner(request), is_limited=permissions.is_limited(request))

    @router.post("/expert", dependencies=[permissions.needs("student")])
    def expert(asked: ExpertRequest, request: Request) -> dict[str, Any]:
        permissions.check_size(request, "episodes", asked.episodes, _STUDENTS_EPISODES)
        permissions.check_size(request, "pixels a side", asked.image_size, _STUDENTS_PIXELS)
        library.project.unused(asked.data)
        title = f"The expert shows {number_of(asked.episodes, 'time')}: {get_task(asked.task).name}"
        words = ["record", "--task", asked.task, "--episodes", asked.episodes, "--out", asked.data]
        words += ["--image-size", asked.image_size]
        return start("record", title, words, asked.data, request)

    @router.post("/check", dependencies=[permissions.needs("student")])
    def check(asked: DataName, request: Request) -> dict[str, Any]:
        library.project.dataset(asked.data)
        title = f"Check every episode of {asked.data}"
        return start("check", title, ["check", asked.data, "--save"], asked.data, request)

    @router.post("/tags", dependencies=[permissions.needs("student")])
    def tag(asked: TagRequest) -> dict[str, Any]:
        root = library.project.dataset(asked.data)
        if all(each["index"] != asked.index for each in library.episodes(asked.data)["episodes"]):
            raise ArmchairError(f"{asked.data} has no episode {asked.index} any more: choose another.")
        return {"tags": set_tags(root, asked.index, asked.tags)}

    @router.post("/remove", dependencies=[permissions.needs("teacher")])
    def remove(asked: Removal, request: Request) -> dict[str, Any]:
        library.project.dataset(asked.data)
        numbers = sorted(set(asked.episodes))
        title = f"Remove episode {', '.join(map(str, numbers))} of {asked.data}"
        return start("remove", title, ["remove", asked.data, *numbers, "--yes"], asked.data, request)

    return router
