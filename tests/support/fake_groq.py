"""A local HTTP server that speaks Groq's chat completions with scripted answers."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/openai/v1/chat/completions"


class Handler(BaseHTTPRequestHandler):
    """One connection; what it answers comes from the server's script."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: "FakeGroq"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.fake.requests.append(Request(self.path, dict(self.headers), json.loads(body)))
        if self.path != PATH:
            self.send_body(404, b'{"error": {"message": "Unknown request URL"}}')
            return
        step = self.fake.steps.popleft() if self.fake.steps else error(599, "unscripted", "")
        step(self)

    def send_body(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Write nothing."""


Step = Callable[[Handler], None]


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class FakeGroq:
    """The running server: scripted with `script`, asked about with `requests`."""

    url: str
    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    """Set once a slow step has begun."""
    steps: deque[Step] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)

    def script(self, *steps: Step) -> None:
        """Set what the next requests are answered with."""
        self.steps = deque(steps)


def completion(content: str | None, *, finish: str = "stop", tokens: int = 120) -> bytes:
    """Return the body of an answer, in the shape of Groq's."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "logprobs": None,
        "finish_reason": finish,
    }
    return json.dumps(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_770_000_000,
            "model": "openai/gpt-oss-120b", "choices": [choice],
            "usage": {"prompt_tokens": tokens - 20, "completion_tokens": 20,
                      "total_tokens": tokens},
            "x_groq": {"id": "req_1"},
        }
    ).encode()  # fmt: skip


def good(content: object, *, tokens: int = 120) -> Step:
    """Answer with `content`, as JSON unless it is text."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return lambda handler: handler.send_body(200, completion(text, tokens=tokens))


def truncated(content: str) -> Step:
    """Answer with text that ends at the limit of tokens."""
    return lambda handler: handler.send_body(200, completion(content, finish="length"))


def raw(body: bytes, status: int = 200) -> Step:
    """Answer with these bytes."""
    return lambda handler: handler.send_body(status, body)


def empty_choices() -> Step:
    """Answer without a choice."""
    return raw(b'{"id": "1", "object": "chat.completion", "choices": [], "usage": null}')


def error(status: int, code: str, message: str, *, param: str = "", **headers: str) -> Step:
    """Answer with an error in Groq's shape."""
    details = {"message": message, "type": "invalid_request_error", "code": code, "param": param}
    body = json.dumps({"error": {key: value for key, value in details.items() if value}}).encode()
    return lambda handler: handler.send_body(status, body, **headers)


def cut_off() -> Step:
    """Promise a whole answer and close the connection in the middle of it."""

    def step(handler: Handler) -> None:
        body = completion("never whole")
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    return step


def slow(fake: FakeGroq) -> Step:
    """Say nothing until the server is closed."""

    def step(handler: Handler) -> None:
        fake.reached.set()
        fake.released.wait(30)
        handler.close_connection = True

    return step


@contextmanager
def running() -> Iterator[FakeGroq]:
    """Serve on a free port of the loopback interface."""
    handler = type("BoundHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    fake = FakeGroq(f"http://127.0.0.1:{server.server_port}")
    handler.fake = fake  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="fake-groq"
    )
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        thread.join(5)
        server.server_close()
