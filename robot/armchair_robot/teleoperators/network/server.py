"""The server of the network teleoperator: a page, and the WebSocket behind it. Only commands get in, to a `Wheel`.

On its own address (127.0.0.1) it needs no token; see `armchair_core.own_address` for what keeps other pages out. On
the local network a token is asked for besides. It travels unencrypted: whoever can listen to the network can read it.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, WebSocket
from pydantic import ValidationError

from armchair_core.local_server import BUSY, Served, addresses, in_words, listen
from armchair_core.own_address import POLICY, OwnAddress
from armchair_core.static_page import PageHeaders, page_routes
from armchair_robot.teleoperators.network.driver import Wheel, read_command

# Built from console/page/src/drive_only: the console's own pads and looks, in a package that knows no console.
STATIC = Path(__file__).with_name("static")


class DriveServer(Served):
    """The page and its WebSocket, served in a thread of its own until `close`."""

    def __init__(self, wheel: Wheel, status: Callable[[], str], port: int, lan: bool) -> None:
        """Listen on `port` (0: any free one), on this machine alone or with `lan` on all of its addresses.

        Raises:
            ArmchairError: if the port cannot be taken.
        """
        self.token = secrets.token_urlsafe(9) if lan else ""
        super().__init__(make_app(wheel, status, self.token), listen(port, lan))

    @property
    def links(self) -> list[str]:
        """What to open in a browser. The token stands behind #, which browsers do not send."""
        return [address + (f"#{self.token}" if self.token else "") for address in addresses(self._listener)]


def make_app(wheel: Wheel, status: Callable[[], str], token: str) -> FastAPI:
    """Return the page at / and the WebSocket /drive. An empty token: for this machine alone."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(PageHeaders)
    app.add_middleware(OwnAddress, lan=bool(token))

    @app.websocket("/drive")
    async def drive(line: WebSocket) -> None:
        if not hmac.compare_digest(line.query_params.get("token", "").encode(), token.encode()):
            await line.close(POLICY)  # before it is accepted: the browser reads 403
            return
        await line.accept()
        if not wheel.take(line, time.perf_counter()):
            await _refuse(line, BUSY, "somebody else drives: wait until they have left.")
            return
        try:
            await _listen_to(line, wheel, status)
        finally:
            wheel.leave(line)

    app.include_router(page_routes(STATIC, "drive.html"))
    return app


async def _listen_to(line: WebSocket, wheel: Wheel, status: Callable[[], str]) -> None:
    """Pass commands on until the driver leaves, or says something that cannot be one."""
    while True:
        message = await line.receive()
        if message["type"] == "websocket.disconnect":
            return
        try:
            command = read_command(message.get("text") or "")
        except ValidationError as error:
            wheel.leave(line)  # the arm holds at once
            await _refuse(line, POLICY, in_words(error))
            return
        if not wheel.steer(line, command, time.perf_counter()):
            await _refuse(line, BUSY, "you were silent and somebody else drives now.")
            return
        await line.send_json({"status": status()})


async def _refuse(line: WebSocket, code: int, words: str) -> None:
    await line.send_json({"error": words})
    await line.close(code)
