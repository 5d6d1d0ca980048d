"""The routes that list repos: what `list_datasets`, `list_models`, `hf datasets ls` and `hf models ls` ask."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from fastapi import APIRouter, Request, Response

from armchair_datasets.hub.protocol.errors import HubError
from armchair_datasets.hub.routes.access import Hub, Reader, TheHub
from armchair_datasets.hub.routes.listing import repo_info
from armchair_datasets.hub.store.repository import MAIN, Repository

router = APIRouter()
_A_PAGE = 100
_MOST = 1000
_CARD = 2**20  # bytes of a README that are looked at
_SORTS = {"lastModified", "createdAt", "downloads", "likes", "trendingScore"}
# What a client may send, by huggingface_hub 1.33; of the rest nothing is known here.
_KNOWN = {"search", "author", "filter", "sort", "direction", "limit", "full", "expand", "cardData", "config", "offset"}
_TAGGED = ("license", "task_categories", "language", "size_categories", "library_name", "pipeline_tag")


@router.get("/api/models")
def models(hub: TheHub, _: Reader, request: Request, response: Response) -> list[dict[str, Any]]:
    """List the policies that were pushed here."""
    return _found(hub, "models", request, response)


@router.get("/api/datasets")
def datasets(hub: TheHub, _: Reader, request: Request, response: Response) -> list[dict[str, Any]]:
    """List the datasets that were pushed here."""
    return _found(hub, "datasets", request, response)


@router.get("/api/spaces")
def spaces(hub: TheHub, _: Reader, request: Request, response: Response) -> list[dict[str, Any]]:
    """List the spaces; nothing runs them here."""
    return _found(hub, "spaces", request, response)


def _found(
    hub: Hub, kind: Literal["models", "datasets", "spaces"], request: Request, response: Response
) -> list[dict[str, Any]]:
    """Return a page of the repos that were asked for; the header `Link` says where the next one is."""
    asked = request.query_params
    if strange := sorted(set(asked) - _KNOWN):
        raise HubError(400, f"this hub cannot search by {strange[0]}: use search, author, filter, sort or limit.")
    limit, offset = _number(asked.get("limit"), _A_PAGE), _number(asked.get("offset"), 0)
    shown = [_shown(hub, hub.store.open(repo)) for repo in hub.store.repos() if repo.kind == kind]
    words = [word.casefold() for text in asked.getlist("search") for word in text.split()]
    wanted = {each for text in asked.getlist("filter") for each in text.split(",")}
    author = asked.get("author", "").casefold()
    found = [
        one
        for one in shown
        if all(word in one["id"].casefold() for word in words)
        and (not author or one["author"].casefold() == author)
        and wanted <= set(one["tags"])
    ]
    found = _sorted(found, asked.get("sort", "lastModified"))
    page = found[offset : offset + min(limit, _MOST)]
    if offset + len(page) < len(found):
        further = request.url.include_query_params(offset=offset + len(page))
        response.headers["Link"] = f'<{further}>; rel="next"'
    with_files = asked.get("full", "").lower() in ("true", "1") or "siblings" in asked.getlist("expand")
    return page if with_files else [{name: one[name] for name in one if name != "siblings"} for one in page]


def _sorted(found: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    if by not in _SORTS:
        raise HubError(400, f"this hub cannot sort by {by}: use {', '.join(sorted(_SORTS))}.")
    by = by if by in ("lastModified", "createdAt") else "lastModified"  # nobody counts likes here
    return sorted(found, key=lambda one: str(one[by]), reverse=True)


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isdecimal():
        raise HubError(400, f"{text[:40]!r} is no number of repos: use a whole one, as in 10.")
    return int(text)


def _shown(hub: Hub, repository: Repository) -> dict[str, Any]:
    head = repository.commit(MAIN)
    info = repo_info(repository.repo.id, repository.about(), head, with_sizes=False)
    card = head.files.get("README.md")
    tags = tags_of(hub.store.blobs.path(card.sha256)) if card and card.size <= _CARD else ()
    return {**info, "tags": list(tags)}


@lru_cache(maxsize=512)
def tags_of(card: Path) -> tuple[str, ...]:
    """Return the tags of a README, which never changes under this path, as the Hub makes them of its metadata."""
    _, _, rest = card.read_text(encoding="utf-8", errors="replace").partition("---\n")
    text, end, _ = rest.partition("\n---")
    try:
        known = yaml.safe_load(text) if end else None
    except (yaml.YAMLError, RecursionError, ValueError):
        return ()
    if not isinstance(known, dict):
        return ()
    named = [(f"{key}:", value) for key in _TAGGED for value in _listed(known.get(key))]
    plain = [("", value) for key in ("tags", "library_name") for value in _listed(known.get(key))]
    return tuple(dict.fromkeys(f"{key}{value}" for key, value in (*plain, *named)))


def _listed(value: object) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each is not None]


@router.get("/api/settings/repositories")
def own_repos(hub: TheHub, person: Reader) -> list[dict[str, Any]]:
    """List what the sender may write to, with sizes: `hf repos ls`."""
    own = [hub.store.open(repo) for repo in hub.store.repos() if person.may_write(repo.namespace)]
    whole = max(1, hub.store.blobs.size)
    return [
        {
            "id": each.repo.id,
            "type": each.repo.kind.removesuffix("s"),
            "updatedAt": each.commit(MAIN).date,
            "visibility": "private" if each.about()["private"] else "public",
            "storage": each.size(),
            "storagePercent": round(100 * each.size() / whole, 1),
        }
        for each in own
    ]
