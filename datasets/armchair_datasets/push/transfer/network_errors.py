"""The network's errors: which pass by themselves, which need a person; and how many bytes have gone out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecodeError

import httpx
from huggingface_hub import HfApi, set_client_factory

from armchair_core.command_line import log_in
from armchair_core.errors import ArmchairError
from armchair_datasets.push.content.payload import endpoint, is_the_hub
from armchair_datasets.push.errors import LoginNeededError, TransientError

_CONNECT_S = 30  # and to send a packet
# 404: the repo was made a moment ago, on a slow Hub; 409 and 412: somebody else was there in between.
_PASSING = (404, 408, 409, 412, 425, 429, 500, 502, 503, 504, 520, 521, 522, 524)
_FULL = (402, 413, 507)


def open_api(token: str | None = None) -> HfApi:
    """Return the client of the Hub. Other servers are told that this client takes no xet, which they cannot speak."""
    return HfApi(endpoint(), token=token, user_agent="armchair" if is_the_hub() else "armchair; xet/off")


def install_client(on_sent: Callable[[int], None], answer_s: float) -> None:
    """Let huggingface_hub wait no longer than `answer_s` for an answer, and tell `on_sent` of bytes that go out.

    By itself it would wait for ever for a Hub that accepts and never answers.
    """
    timeouts = httpx.Timeout(_CONNECT_S, read=answer_s)

    def count(request: httpx.Request) -> None:
        assert isinstance(request.stream, httpx.SyncByteStream)  # the client is no asynchronous one
        request.stream = _Counted(request.stream, on_sent)

    set_client_factory(lambda: httpx.Client(event_hooks={"request": [count]}, follow_redirects=True, timeout=timeouts))


class _Counted(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, on_sent: Callable[[int], None]) -> None:
        self._stream, self._on_sent = stream, on_sent

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            yield part
            self._on_sent(len(part))


@contextmanager
def explained(repo_id: str) -> Iterator[None]:
    """Raise TransientError for what passes and ArmchairError for what a person must mend; the rest is a bug."""
    try:
        yield
    except Exception as error:
        if isinstance(error, ArmchairError | TransientError) or (verdict := _judge(error, repo_id)) is None:
            raise
        raise verdict from error


def _judge(error: BaseException | None, repo_id: str) -> Exception | None:
    """Return what the first fault of the network in a chain of errors means."""
    words = " ".join(str(error).split()) if type(error) is ValueError else None  # huggingface_hub's about a README
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, httpx.Response):
            return _by_status(response, repo_id, words or _message(response))
        # JSONDecodeError: a proxy's page where an answer should be.
        if isinstance(error, httpx.TransportError | ConnectionError | TimeoutError | JSONDecodeError):
            return TransientError(f"the connection to {endpoint()} failed ({str(error) or type(error).__name__})")
        error = error.__cause__ or error.__context__
    return None


def _by_status(response: httpx.Response, repo_id: str, said: str) -> Exception:
    status = response.status_code
    if status in _PASSING:
        return TransientError(f"the Hub answered {status} ({said})", _retry_after_s(response))
    if status == 401:
        return LoginNeededError(
            f"the Hub at {endpoint()} does not accept this login ({said}): type `{log_in()}`, then push again."
        )
    if status == 403:
        return ArmchairError(
            f"this login may not write to {repo_id} ({said}): use a name of your own with --repo-id, or log in with "
            f"a token that may write, by `{log_in()}`."
        )
    if status in _FULL:
        return ArmchairError(f"the Hub has no room for {repo_id} ({said}): make room there, then push again.")
    return ArmchairError(f"the Hub refused {repo_id} with {status} ({said}): mend that, then push again.")


def _message(response: httpx.Response) -> str:
    """Return what the server says about it, on one line."""
    said = response.headers.get("X-Error-Message") or response.reason_phrase or "without a word"
    return " ".join(said.split())[:200].rstrip(".")


def _retry_after_s(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
