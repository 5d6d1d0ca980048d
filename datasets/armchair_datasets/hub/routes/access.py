"""The dependencies of routes: the hub, the repo and the person that a request is about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Request

from armchair_core.command_line import quoted
from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.protocol.limits import Limits
from armchair_datasets.hub.protocol.names import Repo, check_kind, check_path, check_repo
from armchair_datasets.hub.store.commits import Entry
from armchair_datasets.hub.store.pull_requests import PullRequests
from armchair_datasets.hub.store.repository import Repository
from armchair_datasets.hub.store.store import Store
from armchair_datasets.hub.store.tokens import NOBODY_ASKED, Person, Tokens


@dataclass(frozen=True)
class Hub:
    """What one server serves. Without `tokens`, everybody may do everything."""

    store: Store
    tokens: Tokens | None
    limits: Limits
    secret: bytes  # by which it knows the upload addresses that it gave out
    announced: dict[str, dict[str, int]] = field(default_factory=dict)  # large files to come: sizes, by student and oid

    def check_home(self, person: Person, repository: Repository, more: Iterable[Entry] = (), coming: int = 0) -> None:
        """Raise HubError if a student would hold too much with `more` files in a repo and `coming` bytes besides.

        Large files that have arrived and are in no commit are the student's, too.
        """
        if person.everywhere:
            return
        own = [self.store.open(repo) for repo in self.store.repos() if person.may_write(repo.namespace)]
        sizes = sum(each.size(more if each.repo == repository.repo else ()) for each in own)
        lying = sum(
            size for oid, size in self.announced.get(person.name, {}).items() if self.store.blobs.path(oid).exists()
        )
        self.limits.check_home(sizes + lying + coming, 0)


async def _hub(request: Request) -> Hub:
    return request.app.state.hub


TheHub = Annotated[Hub, Depends(_hub)]


async def _person(hub: TheHub, authorization: Annotated[str, Header()] = "") -> Person:
    """Return whose token came along.

    Raises:
        HubError: 401 if none did, or a wrong one.
    """
    if hub.tokens is None:
        return NOBODY_ASKED
    scheme, _, token = authorization.partition(" ")
    person = hub.tokens.person(token.strip()) if scheme.lower() == "bearer" else None
    if person is None:
        what = "this token is not one of this hub's" if authorization else "this hub asks for a token"
        raise HubError(
            401, f"{what}: type `{quoted('export', 'HF_TOKEN=...')}` with the one that your teacher gave you."
        )
    return person


Reader = Annotated[Person, Depends(_person)]


async def _repo(request: Request) -> Repo:
    kind, namespace, name = (request.path_params.get(part, "models") for part in ("kind", "namespace", "name"))
    if request.url.path.startswith("/api/"):
        check_kind(kind)
    return check_repo(kind, unquote(namespace), unquote(name))


async def _read(hub: TheHub, repo: Annotated[Repo, Depends(_repo)], _: Reader) -> Repository:
    return hub.store.open(repo)


async def _write(hub: TheHub, repo: Annotated[Repo, Depends(_repo)], person: Reader) -> Repository:
    check_may_write(person, repo)
    return hub.store.open(repo)


async def _propose(hub: TheHub, repo: Annotated[Repo, Depends(_repo)], person: Reader, request: Request) -> Repository:
    """Whoever may read may propose: a pull request, or a further commit to their own."""
    repository, revision = hub.store.open(repo), unquote(request.path_params.get("revision", ""))
    number = revision.removeprefix("refs/pr/")
    if number != revision and number.isdecimal():
        mine = PullRequests(repository).get(int(number)).author == person.name
    else:
        mine = request.query_params.get("create_pr") == "1"
    if not mine:
        check_may_write(person, repo)
    return repository


ReadRepo = Annotated[Repository, Depends(_read)]
WriteRepo = Annotated[Repository, Depends(_write)]
ProposeRepo = Annotated[Repository, Depends(_propose)]


def check_may_write(person: Person, repo: Repo) -> None:
    """Raise HubError for a student who is elsewhere than at home."""
    if not person.may_write(repo.namespace):
        home = person.name
        raise HubError(403, f"{home} may write to {home}/... only: call the repo {home}/{repo.name}.")


async def _revision(revision: str) -> str:
    return unquote(revision)


async def _path(path: str) -> str:
    return check_path(unquote(path))


Revision = Annotated[str, Depends(_revision)]
FilePath = Annotated[str, Depends(_path)]
