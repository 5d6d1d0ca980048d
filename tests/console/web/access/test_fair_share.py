"""One visitor's many requests, and the others'."""

import asyncio

from armchair.web.access.fair_share import FairShare


def test_more_than_ones_share_is_refused_and_stop_and_others_pass():
    done, said, ends = asyncio.Event(), [], []

    async def app(scope, receive, send):
        await done.wait()
        await send({"type": "http.response.start", "status": 200})

    class Known:
        def role(self, asking):
            return asking.cookies.get("role")

        def owner(self, asking):
            return asking.cookies["owner"]

    async def ask(who: str, path: str = "/api/datasets", role: str = "view") -> None:
        headers = [(b"cookie", f"role={role}; owner={who}".encode())] if who else []

        async def send(message):
            if message["type"] == "http.response.start":
                said.append((who, path, message["status"]))
                ends.append(message["status"] == 429 and (b"connection", b"close") in message["headers"])

        scope = {"type": "http", "path": path, "headers": headers, "client": ("10.0.0.1", 1)}
        await share(scope, None, send)

    async def all_at_once():
        asking = [*(ask("ana") for _ in range(30)), *(ask("") for _ in range(30)), ask("ana", "/api/stop"), ask("ben"),
                  *(ask("eva", role="teacher") for _ in range(20))]  # fmt: skip
        tasks = [asyncio.create_task(each) for each in asking]
        await asyncio.sleep(0.01)
        done.set()
        await asyncio.gather(*tasks)

    share = FairShare(app, Known())
    asyncio.run(all_at_once())
    assert said.count(("ana", "/api/datasets", 429)) == said.count(("", "/api/datasets", 429)) == 22
    assert ends.count(True) == 44, "what else they asked for on these lines is not even looked at"
    assert ("ana", "/api/stop", 200) in said and ("ben", "/api/datasets", 200) in said
    assert said.count(("eva", "/api/datasets", 200)) == 20 and not share._under_way
