"""`armchair hub`: a Hub for the classroom, in one folder, that stock LeRobot and `hf` push to and load from."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from armchair.terminal.errors import user_errors
from armchair.terminal.say import say
from armchair_core.command_line import named, quoted, typed
from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.words import number_of

if TYPE_CHECKING:
    from armchair_datasets.hub.protocol.names import Repo
    from armchair_datasets.hub.store.store import Store
    from armchair_datasets.hub.store.tokens import Tokens
    from armchair_datasets.hub.sync.sync import Synced

app = typer.Typer(
    help="A Hub for the classroom: stock LeRobot and hf push to it and load from it, offline.", add_completion=False
)

DEFAULT_FOLDER, DEFAULT_PORT = Path("armchair-hub"), 8765
Folder = Annotated[Path | None, typer.Option(help="Where the hub keeps everything.", show_default=str(DEFAULT_FOLDER))]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    folder: Folder = None,
    lan: Annotated[bool, typer.Option("--lan", help="Let the local network in; everybody needs a token.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any free port.")] = DEFAULT_PORT,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object when ready, no more.")] = False,
) -> None:
    """Start the hub and serve until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    with user_errors():
        _serve(folder or DEFAULT_FOLDER, lan, port, as_json)


def _serve(folder: Path, lan: bool, port: int, as_json: bool) -> None:
    from armchair_datasets.hub.server.app import create_app
    from armchair_datasets.hub.server.serve import addresses, listen, serve
    from armchair_datasets.hub.store.store import Store
    from armchair_datasets.hub.store.tokens import Tokens, read_students

    store = Store(folder)
    with store.served(), listen(port, lan) as listener:
        tokens = Tokens(store.folder) if lan or read_students(store.folder) else None
        urls = addresses(listener)

        def introduce() -> None:
            if as_json:
                print(json.dumps(_note(store, tokens, urls)), flush=True)
            else:
                _introduce(store, tokens, urls, lan)

        serve(create_app(store, tokens, lan=lan), listener, introduce)
    if not as_json:
        say("\nThe hub has ended; everything is kept.")


def _note(store: "Store", tokens: "Tokens | None", urls: list[str]) -> dict:
    return {
        "url": urls[0],
        "urls": urls,
        "token": tokens and tokens.teacher,
        "folder": str(store.folder),
        "repos": len(store.repos()),
        "pid": os.getpid(),
    }


def _introduce(store: "Store", tokens: "Tokens | None", urls: list[str], lan: bool) -> None:
    from armchair_datasets.hub.protocol.limits import in_words

    held = f"{number_of(len(store.repos()), 'repo')}, {in_words(store.blobs.size)}"
    say(f"The classroom hub is ready: {held}, in {store.folder}")
    say("Paste this into the terminal that shall use it, before any hf or lerobot command:")
    for url in urls:
        say(f"  {quoted('export', f'HF_ENDPOINT={url}')}{'   # or' if url != urls[-1] else ''}")
    if tokens:
        from armchair_datasets.hub.store.tokens import read_students

        say(f"  {quoted('export', f'HF_TOKEN={tokens.teacher}')}")
        say("That token is the teacher's: it may write everywhere, and it ends with this hub.")
        if students := sorted(read_students(store.folder)):  # the folder may have been another's
            say(f"These have tokens of their own: {', '.join(students)}.")
        say(f"Make one for each student, who may write to NAME/... only: {typed('hub', 'token', 'NAME')}")
    else:
        say("No token is needed: every program on this machine may read and write everything. No other machine can.")
    if lan:
        say("Nothing is encrypted on the way, and every token can read everything: use a network that you trust.")
    back = quoted("unset", "HF_ENDPOINT", "HF_TOKEN")
    say(f"`{back}` leads back to the Hugging Face Hub. Ctrl-C ends the hub and keeps everything.")


@app.command("list")
def list_repos(context: typer.Context, folder: Folder = None) -> None:
    """What is on the hub: repos, sizes, last commits."""
    from armchair_datasets.hub.protocol.limits import in_words
    from armchair_datasets.hub.store.repository import MAIN

    with user_errors():
        store = _store(context, folder)
        for repo in store.repos():
            repository = store.open(repo)
            head, tags = repository.commit(MAIN), repository.refs("tags")
            about = [number_of(len(head.files), "file"), in_words(repository.size()), *tags]
            say(f"{repo.kind:<9} {repo.id:<30} {', '.join(about)}")
            say(f"{'':<9} {head.date[:16].replace('T', ' ')} UTC by {head.author}: {head.title}")
        if not store.repos():
            say(f"Nothing is on the hub in {store.folder} yet.")


@app.command()
def token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The student's name, under which their repos will stand.")],
    renew: Annotated[bool, typer.Option("--renew", help="Replace the token that this student has.")] = False,
    folder: Folder = None,
) -> None:
    """Make a student's token. It is shown now and never again."""
    from armchair_datasets.hub.store.store import Store
    from armchair_datasets.hub.store.tokens import add_student

    with user_errors():
        store = Store(_folder(context, folder))
        say(quoted("export", f"HF_TOKEN={add_student(store.folder, name, renew)}"))
        say(f"With this, {name} may read everything and write to {name}/... only. A hub that asks for tokens knows it")
        say("at once; others ask for one from their next start on.")


@app.command()
def sync(
    context: typer.Context,
    repos: Annotated[
        list[str] | None, typer.Argument(help=f"Which, as `{named('hub', 'list')}` names them.", show_default="all")
    ] = None,
    to: Annotated[str | None, typer.Option(help="A hub's address.", show_default="the Hugging Face Hub")] = None,
    namespace: Annotated[
        str | None,
        typer.Option(help="Where they go: ana/lift becomes NAMESPACE/ana-lift.", show_default="their own names"),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Let everybody see them.")] = False,
    footage_consent: Annotated[
        bool, typer.Option("--footage-consent", help="Everybody in the pictures agrees to that.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Send what is here to the Hugging Face Hub, into private repos. Can be repeated: only what is new is sent."""
    with user_errors():
        if public != footage_consent:
            raise ArmchairError(
                "everybody would see pictures of people and homes: give --public and --footage-consent together, "
                "or neither for private repos."
            )
        _sync(_store(context, folder), repos or [], to, namespace, private=not public)


def _sync(store: "Store", names: list[str], to: str | None, namespace: str | None, private: bool) -> None:
    chosen = _choose(store, names)
    os.environ["HF_HUB_OFFLINE"] = "0"  # unlike all other commands, this one is about the network
    if to is not None:
        os.environ["HF_HUB_DISABLE_XET"] = "1"  # which only the Hugging Face Hub speaks
    from huggingface_hub import constants

    from armchair_datasets.hub.sync.client import check_namespaces, connect, plain_words
    from armchair_datasets.hub.sync.sync import name_there, sync

    api = connect(to or constants._HF_DEFAULT_ENDPOINT)
    with plain_words(api.endpoint):
        check_namespaces(api, [name_there(repo, namespace) for repo in chosen])
        for repo in chosen:
            _tell(repo, sync(store, repo, api, name_there(repo, namespace), private))


def _tell(repo: "Repo", done: "Synced") -> None:
    from armchair_datasets.hub.protocol.limits import in_words

    did = [f"{number_of(done.sent, 'file')} sent ({in_words(done.size)})"] if done.sent else []
    did += [f"{number_of(done.deleted, 'file')} deleted"] if done.deleted else []
    did += [f"tagged {', '.join(done.tags)}"] if done.tags else []
    did += ["its README was edited there and stays"] if done.kept_readme else []
    say(f"{repo.id} -> {done.url}: {'; '.join(did) or 'nothing new'}")


def _choose(store: "Store", names: list[str]) -> list["Repo"]:
    """The repos of these names, or all."""
    known = {name: repo for repo in reversed(store.repos()) for name in (repo.id, f"{repo.kind}/{repo.id}")}
    for name in names:
        if name not in known:
            raise unknown_name("repo on this hub", name, {repo.id for repo in store.repos()})
    chosen = [known[name] for name in names] or store.repos()
    if not chosen:
        raise ArmchairError(f"nothing is on the hub in {store.folder} yet: push something to it first.")
    return chosen


def _store(context: typer.Context, folder: Path | None) -> "Store":
    """The hub in a folder that holds one."""
    from armchair_datasets.hub.store.store import Store

    place = _folder(context, folder)
    if not Store.is_at(place):
        begin = typed("hub", "--folder", place)
        raise ArmchairError(f"there is no hub in {place}: name its folder with --folder, or start one with `{begin}`.")
    return Store(place)


def _folder(context: typer.Context, folder: Path | None) -> Path:
    """As it was typed, behind the subcommand or in front of it."""
    return folder or (context.parent and context.parent.params["folder"]) or DEFAULT_FOLDER
