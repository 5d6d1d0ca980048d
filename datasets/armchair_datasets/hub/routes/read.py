"""Routes that only read: what LeRobotDataset, from_pretrained and `hf download` ask."""

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from armchair_datasets.hub.protocol.errors import no_entry, no_repo
from armchair_datasets.hub.protocol.names import check_kind
from armchair_datasets.hub.routes.access import FilePath, Reader, ReadRepo, Revision, TheHub
from armchair_datasets.hub.routes.listing import repo_info, tree
from armchair_datasets.hub.store.repository import MAIN, RefKind

router = APIRouter()
_REPO = "/api/{kind}/{namespace}/{name}"


@router.get("/api/whoami-v2")
def whoami(hub: TheHub, person: Reader) -> dict[str, Any]:
    """Say whose token it is, and as `orgs` the other namespaces that it may write to."""
    spaces = sorted({repo.namespace for repo in hub.store.repos()}) if person.everywhere else []
    token = {"displayName": person.name, "role": "write"}
    return {
        "type": "user",
        "id": person.name,
        "name": person.name,
        "fullname": person.name,
        "orgs": [{"type": "org", "name": space, "fullname": space} for space in spaces if space != person.name],
        "auth": {"type": "access_token", "accessToken": token},
        "writesEverywhere": person.everywhere,  # the Hub has no such field
    }


@router.get("/api/{kind}/{name}")
@router.get("/api/{kind}/{name}/revision/{revision}")
@router.api_route("/{name}/resolve/{revision}/{path:path}", methods=["GET", "HEAD"])
def without_namespace(name: str, kind: str = "models") -> None:
    """Refuse a repo without a namespace: the Hub has a few such, as gpt2; here there are none."""
    check_kind(kind)
    raise no_repo(name)


@router.get(_REPO)
def info(repository: ReadRepo, blobs: bool = False) -> dict[str, Any]:
    """Show the repo at the head of its branch main."""
    return repo_info(repository.repo.id, repository.about(), repository.commit(MAIN), blobs)


@router.get(_REPO + "/revision/{revision}")
def info_at(repository: ReadRepo, revision: Revision, blobs: bool = False) -> dict[str, Any]:
    """Show the repo at a branch, a tag or a commit."""
    return repo_info(repository.repo.id, repository.about(), repository.commit(revision), blobs)


@router.get(_REPO + "/refs")
def refs(repository: ReadRepo) -> dict[str, Any]:
    """List all branches and tags."""

    def of(kind: RefKind) -> list[dict[str, str]]:
        named = repository.refs(kind).items()
        return [{"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": oid} for name, oid in named]

    return {"branches": of("heads"), "converts": [], "tags": of("tags"), "pullRequests": of("pr")}


@router.get(_REPO + "/commits/{revision}")
def commits(repository: ReadRepo, revision: Revision) -> list[dict[str, Any]]:
    """List a branch's history, the latest commit first."""
    return [
        {
            "id": commit.oid,
            "title": commit.title,
            "message": commit.message,
            "authors": [{"user": commit.author}],
            "date": commit.date,
        }
        for commit in repository.history(revision)
    ]


@router.get(_REPO + "/tree/{revision}")
def whole_tree(repository: ReadRepo, revision: Revision, recursive: bool = False) -> list[dict[str, Any]]:
    """List the files and folders at the top of the repo, or all of them."""
    return tree(repository.commit(revision).files, "", recursive)


@router.get(_REPO + "/tree/{revision}/{path:path}")
def part_of_tree(
    repository: ReadRepo, revision: Revision, path: FilePath, recursive: bool = False
) -> list[dict[str, Any]]:
    """List the files and folders in one folder."""
    commit = repository.commit(revision)
    found = tree(commit.files, path, recursive)
    if not found:
        raise no_entry(repository.repo.id, path, commit.oid)
    return found


async def _asked_paths(request: Request) -> list[str]:
    """Return the field `paths` of a form or of JSON: clients send both."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        return [str(path) for path in (await request.json())["paths"]]
    return parse_qs(body.decode()).get("paths", [])


@router.post(_REPO + "/paths-info/{revision}")
def paths_info(
    repository: ReadRepo, revision: Revision, paths: Annotated[list[str], Depends(_asked_paths)]
) -> list[dict[str, Any]]:
    """List some files and folders; those that are not there are left out."""
    files = repository.commit(revision).files
    items = {item["path"]: item for item in tree(files, "", recursive=True)}
    return [items[path] for path in (path.strip("/") for path in paths) if path in items]


@router.api_route("/{namespace}/{name}/resolve/{revision}/{path:path}", methods=["GET", "HEAD"])
@router.api_route("/{kind}/{namespace}/{name}/resolve/{revision}/{path:path}", methods=["GET", "HEAD"])
def resolve(hub: TheHub, repository: ReadRepo, revision: Revision, path: FilePath) -> Response:
    """Send a file's content, or a range of it."""
    commit = repository.commit(revision)
    entry = commit.files.get(path)
    if entry is None:
        raise no_entry(repository.repo.id, path, commit.oid)
    headers = {"X-Repo-Commit": commit.oid, "ETag": f'"{entry.etag}"'}
    if entry.lfs:
        headers |= {"X-Linked-Etag": f'"{entry.etag}"', "X-Linked-Size": str(entry.size)}
    return FileResponse(hub.store.blobs.path(entry.sha256), headers=headers, media_type="application/octet-stream")
