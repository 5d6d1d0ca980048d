"""What a page may ask about datasets: see them, record into them, let the expert fill one, tag and remove episodes."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from armchair.web.access.messages import DataName, ExpertRequest, RecordingRequest, Removal, TagRequest
from armchair.web.access.permissions import Permissions
from armchair.web.jobs.jobs import Jobs
from armchair.web.teach.episode_videos import EpisodeVideos
from armchair.web.teach.lessons import Recordings
from armchair.web.teach.library import DatasetLibrary
from armchair_core.errors import ArmchairError


def library_routes(library: DatasetLibrary, gate: Permissions) -> APIRouter:
    """/api/datasets, /api/episodes, /api/episode, /api/video, /api/film: reading."""
    router, films = APIRouter(prefix="/api", dependencies=[gate.needs("view")]), EpisodeVideos(library)

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


def teach_routes(library: DatasetLibrary, lessons: Recordings, jobs: Jobs, gate: Permissions) -> APIRouter:
    """/api/teach and what changes datasets."""
    router = APIRouter(prefix="/api")

    @router.get("/teach", dependencies=[gate.needs("student")])
    def choices() -> dict[str, Any]:
        from armchair_sim.tasks import get_task, task_names

        tasks = [{"name": name, "words": get_task(name).instruction} for name in task_names()]
        return {
            "hands": lessons.hands(), "tasks": tasks, "sentence": lessons.sentence, "may_change": lessons.may_change,
        }  # fmt: skip

    @router.post("/teach", dependencies=[gate.needs("student")])
    def begin(wish: RecordingRequest) -> dict[str, Any]:
        return lessons.begin(wish)

    @router.post("/teach/finish", dependencies=[gate.needs("student")])
    def finish(wish: DataName) -> dict[str, Any]:
        return lessons.finish(wish.data)

    @router.post("/expert", dependencies=[gate.needs("student")])
    def expert(wish: ExpertRequest, request: Request) -> dict[str, Any]:
        from armchair_sim.tasks import get_task

        library.shelf.unused(wish.data)
        title = f"The expert shows {wish.episodes} times: {get_task(wish.task).name}"
        words = ["record", "--task", wish.task, "--episodes", wish.episodes, "--out", wish.data]
        words += ["--image-size", wish.image_size]
        return jobs.start("record", title, words, wish.data, gate.owner(request))

    @router.post("/check", dependencies=[gate.needs("student")])
    def check(wish: DataName, request: Request) -> dict[str, Any]:
        library.shelf.dataset(wish.data)
        title = f"Check every episode of {wish.data}"
        return jobs.start("check", title, ["check", wish.data, "--save"], wish.data, gate.owner(request))

    @router.post("/tags", dependencies=[gate.needs("student")])
    def tag(wish: TagRequest) -> dict[str, Any]:
        from armchair_datasets.editing.tags import set_tags

        root = library.shelf.dataset(wish.data)
        if all(each["index"] != wish.index for each in library.episodes(wish.data)["episodes"]):
            raise ArmchairError(f"{wish.data} has no episode {wish.index} any more: choose another.")
        return {"tags": set_tags(root, wish.index, wish.tags)}

    @router.post("/remove", dependencies=[gate.needs("teacher")])
    def remove(wish: Removal, request: Request) -> dict[str, Any]:
        library.shelf.dataset(wish.data)
        numbers = sorted(set(wish.episodes))
        title = f"Remove episode {', '.join(map(str, numbers))} of {wish.data}"
        return jobs.start("remove", title, ["remove", wish.data, *numbers, "--yes"], wish.data, gate.owner(request))

    return router
