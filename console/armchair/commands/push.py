"""`armchair push`: a dataset or a policy to the Hub, and the queue of those that `armchair record --push` has left."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from armchair.terminal import lerobot_command
from armchair.terminal.errors import user_errors
from armchair.terminal.options import DryRun
from armchair.terminal.progress import Meter, duration, meter
from armchair.terminal.request_options import request_options
from armchair.terminal.say import say
from armchair.terminal.upload_status import in_bytes, in_words, job_as_json
from armchair_core.command_line import named, typed
from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.words import number_of
from armchair_datasets.push.content.payload import Payload, make_payload, seen_by
from armchair_datasets.push.content.privacy_scan import KINDS, TOKEN, UnsafeError
from armchair_datasets.push.queue.queue import UploadJob, everywhere, here
from armchair_datasets.push.queue.worker import is_working, start_worker
from armchair_datasets.push.transfer.permissions import check_rights
from armchair_datasets.push.transfer.progress import Receipt, UploadNews
from armchair_datasets.push.transfer.retry import RetryPolicy, deliver

_TABLE_WIDTH = 160  # characters, where there is no terminal to ask


@dataclass(frozen=True, kw_only=True)
class PushOptions:
    """What is typed behind `armchair push`."""

    folder: Annotated[
        Path | None, typer.Argument(metavar="DATASET|POLICY", help="A LeRobotDataset, or what a training wrote.")
    ] = None
    repo_id: Annotated[str | None, typer.Option(help="Where to, as user/name.")] = None
    public: Annotated[bool, typer.Option("--public", help="Let everybody see it. (default: only you)")] = False
    footage_consent: Annotated[
        bool, typer.Option("--footage-consent", help="Everybody whom the cameras saw agrees to --public.")
    ] = False
    licence: Annotated[str, typer.Option("--license", help="What others may do with it.")] = "apache-2.0"
    allow: Annotated[
        list[str] | None, typer.Option(help="Send although it names a path, serial or name; can be repeated.")
    ] = None
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of another dataset there.")] = False
    deadline_minutes: Annotated[float, typer.Option(min=0.1, help="When to give up for now.")] = 60
    status: Annotated[bool, typer.Option("--status", help="Show the queue of uploads.")] = False
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the queue, after a restart or login.")] = False
    as_json: Annotated[bool, typer.Option("--json", help="With --status: as JSON.")] = False
    dry_run: DryRun = False


@request_options
def push(options: PushOptions) -> None:
    """Upload a dataset or a policy to the Hub: private, with a card, tagged, and checked when it is there."""
    if options.status:
        return show_queue(options.as_json)
    words = ["--resume"] if options.resume else [options.folder, "--repo-id", options.repo_id]
    with user_errors(lambda: f": what has arrived is kept; go on with `{typed('push', *words)}`."):
        if options.resume:
            return resume_queue()
        payload = _payload(options)
        if options.dry_run:
            print("\n".join(lerobot_command.push(payload.kind, payload.folder, payload.repo_id, options.public)))
            return
        push_step(payload, options.deadline_minutes)


def _payload(options: PushOptions) -> Payload:
    """What is to be sent where.

    Raises:
        ArmchairError: if that was not said, or cannot be sent.
    """
    if options.folder is None or options.repo_id is None:
        raise ArmchairError(
            f"what goes where? Type `{typed('push', options.folder or 'DATASET', '--repo-id', 'user/name')}`, "
            f"or `{typed('push', '--status')}` to see what is on its way."
        )
    return make_payload(
        options.folder,
        options.repo_id,
        public=options.public,
        footage_consent=options.footage_consent,
        licence=options.licence,
        allowed=_known_kinds(options.allow or []),
        replace=options.replace,
    )


def _known_kinds(kinds: list[str]) -> tuple[str, ...]:
    soft = [kind for kind in KINDS if kind != TOKEN]
    for kind in kinds:
        if kind not in soft:
            raise unknown_name("finding that can be allowed", kind, soft)
    return tuple(kinds)


def push_step(payload: Payload, deadline_minutes: float) -> Receipt:
    """Upload one payload, with its words and its bar."""
    check_rights(payload.repo_id)
    size = sum(file.stat().st_size for file in payload.files().values())
    say(
        f"Pushing the {payload.kind} {payload.folder} ({in_bytes(size)}) to {payload.url}, to be seen by "
        f"{seen_by(payload.public)}."
    )
    started_s = time.monotonic()
    try:
        with meter("sending") as shown:
            receipt = deliver(payload, RetryPolicy(deadline_minutes * 60), lambda news: _show(news, shown))
    except UnsafeError as error:
        for finding in error.findings:
            say(f"  {finding}")
        raise
    for note in receipt.notes:
        say(note)
    checked = "tagged, compared and loaded by LeRobot" if payload.kind == "dataset" else "and compared"
    took = duration(time.monotonic() - started_s)
    say(f"Arrived: {number_of(receipt.files, 'file')}, {in_bytes(receipt.total)}, {checked}, in {took}: {receipt.url}")
    return receipt


def _show(news: UploadNews, shown: Meter) -> None:
    if news.stage == "waiting":
        say(f"{news.note}: trying again in {duration(max(1, news.wait_s))}.")
    elif news.total:
        shown.show(news.stage, news.done / news.total, f"{in_bytes(news.done)} of {in_bytes(news.total)}")


def resume_queue() -> None:
    """Start the worker for the present Hub, and say what waits for others."""
    waiting = [job for job in here().jobs() if job.state != "sent"]
    elsewhere = [job for queue in everywhere() if queue != here() for job in queue.jobs() if job.state != "sent"]
    if waiting:
        start_worker()
        say(f"Going on with {len(waiting)} in the background: see `{typed('push', '--status')}`.")
    elif not elsewhere:
        say("Nothing waits to be sent.")
    for address in sorted({job.endpoint for job in elsewhere}):
        say(f"For those to {address}: HF_ENDPOINT={address} {typed('push', '--resume')}")


def show_queue(as_json: bool) -> None:
    """Print all uploads that were put into the queue."""
    found = [(job, is_working(queue)) for queue in everywhere() for job in queue.jobs()]
    if as_json:
        say(json.dumps([job_as_json(job, working) for job, working in found], indent=2))
    elif not found:
        say(f"The queue is empty: `{named('record')}` with --push fills it.")
    else:
        _print_table(found)
        if any(job.state not in ("sent", "paused") and not working for job, working in found):
            say(f"Nothing is being sent now: go on with `{typed('push', '--resume')}`.")


def _print_table(found: list[tuple[UploadJob, bool]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for heading in ("repo", "sent", "attempts", "state"):
        table.add_column(heading, overflow="fold", justify="left")
    for job, working in found:
        sent = f"{in_bytes(job.done)} of {in_bytes(job.total)}" if job.total else ""
        table.add_row(job.payload.repo_id, sent, str(job.attempts), in_words(job, working))
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = _TABLE_WIDTH
    console.print(table)
