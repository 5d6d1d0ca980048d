"""The Hub's endpoint for stock LeRobot's pushes, where HF_ENDPOINT names another than the default.

The problem: huggingface_hub honours HF_ENDPOINT in every request but one. `RepoCard.validate` asks the default Hub
whether a card is well-formed (huggingface_hub 1.33, repocard.py; 2.x does not). LeRobot's push_to_hub calls it
between the commit and the tag, so that without the internet a dataset arrives that LeRobot then refuses to load.
"""

import os

_PATH = "/api/validate-yaml"


def follow_endpoint() -> None:
    """Send that one request to HF_ENDPOINT too, from now on and in this process. Does nothing if it is not set.

    Uses huggingface_hub's own door, `set_client_factory`; all other requests are left alone.
    """
    if not os.environ.get("HF_ENDPOINT"):
        return
    import httpx
    from huggingface_hub import constants, get_session, set_client_factory

    meant = httpx.URL(constants.ENDPOINT + _PATH)
    usual = get_session().event_hooks

    def redirect(request: httpx.Request) -> None:
        if request.url.path == _PATH and request.url != meant:
            request.url = meant
            request.headers["Host"] = meant.netloc.decode()

    def client() -> httpx.Client:
        hooks = {**usual, "request": [*usual["request"], redirect]}
        return httpx.Client(event_hooks=hooks, follow_redirects=True, timeout=None)  # as huggingface_hub makes it

    set_client_factory(client)
