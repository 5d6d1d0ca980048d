"""The client for another hub, whose failures are said in one sentence.

huggingface_hub takes its settings when it is imported, and the command changes them first: so it is imported here late.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from armchair_core.command_line import log_in, quoted
from armchair_core.errors import ArmchairError, reason_of

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_TIMEOUT_S = 300  # for one answer; the Hub thinks about large commits for minutes


def connect(endpoint: str) -> "HfApi":
    """Return a client with the user's token for that hub, in a process that is for this alone.

    Raises:
        ArmchairError: if the user has no token.
    """
    from huggingface_hub import HfApi, constants, get_session, get_token, set_client_factory

    token = get_token()
    if token is None:
        raise ArmchairError(f"you are not logged in at {endpoint}: type `{log_in()}`, or set HF_TOKEN.")
    hooks = get_session().event_hooks
    # huggingface_hub waits for ever.
    set_client_factory(lambda: httpx.Client(event_hooks=hooks, follow_redirects=True, timeout=_TIMEOUT_S))
    agent = {"xet": "off"} if constants.HF_HUB_DISABLE_XET else None  # see `routes/write.py`
    return HfApi(endpoint=endpoint.rstrip("/"), token=token, user_agent=agent)


def check_namespaces(api: "HfApi", repo_ids: Iterable[str]) -> None:
    """Raise unless the user may write where these repos go.

    Raises:
        ArmchairError: if not, naming a place where they may.
    """
    me = api.whoami()
    allowed = {me["name"], *(org["name"] for org in me["orgs"])}
    for repo_id in repo_ids:
        namespace = repo_id.split("/")[0]
        if namespace not in allowed and not me.get("writesEverywhere"):
            raise ArmchairError(
                f"{me['name']} may not write to {namespace}/... at {api.endpoint}: "
                f"add {quoted('--namespace', me['name'])}, or one of your organizations."
            )


@contextmanager
def plain_words(endpoint: str) -> Iterator[None]:
    """Say in one sentence what went wrong between here and that hub."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except HfHubHTTPError as error:
        if error.response.status_code == 401:
            raise ArmchairError(
                f"{endpoint} does not know your token: type `{log_in()}`, and `{quoted('unset', 'HF_TOKEN')}` if that "
                "is another hub's."
            ) from None
        why = error.server_message or reason_of(error)
        raise ArmchairError(f"{endpoint} refused ({error.response.status_code}): {' '.join(why.split())}") from None
    except (httpx.HTTPError, httpx.InvalidURL, ConnectionError) as error:
        raise ArmchairError(
            f"{endpoint} does not answer ({type(error).__name__}): look at the connection and type the command "
            "again; what has arrived stays."
        ) from None
