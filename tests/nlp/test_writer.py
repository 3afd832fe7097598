import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from nlp.summary import Point, Summary
from nlp.writer import LONGEST_SENTENCE, MOST_BYTES, MOST_SENTENCES, UnsafeAddress, Writer, WriterError

SUMMARY = Summary(
    reviews=40,
    pros=[Point("物流快", "物流", 12, 0.3, [{"review_id": 7, "text": "送货很快，电话13812345678"}])],
    cons=[Point("打孔收费", "", 5, 0.125, [{"review_id": 9, "text": "打孔收费离谱"}])],
)
GOOD = [{"text": "物流快是主要优点。", "evidence": [7]}, {"text": "有人嫌打孔收费高。", "evidence": [9, 7]}]


class Endpoint:
    """A local server that speaks the chat protocol and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status = 200
        self.delay = 0.0
        self.body: bytes | None = None
        self.content: str | None = json.dumps({"sentences": GOOD}, ensure_ascii=False)

    def answer(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.content}
        return json.dumps({"choices": [{"index": 0, "message": message}]}).encode()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    told = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.asked.append((self.path, dict(self.headers), body))
            answer = told.answer()
            self.send_response(told.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            for start in range(0, len(answer), 65536):
                time.sleep(told.delay)
                try:
                    self.wfile.write(answer[start : start + 65536])
                except OSError:
                    return

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def writer(endpoint: Endpoint) -> Writer:
    return Writer(endpoint.url, "secret-key", "small-model", seconds=5)


def test_the_models_sentences_come_with_their_evidence(writer: Writer, endpoint: Endpoint) -> None:
    assert writer.tell(SUMMARY) == {"by": "small-model", "sentences": GOOD, "refused": ""}
    [(path, headers, body)] = endpoint.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret-key"
    assert body["model"] == "small-model"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_only_points_and_masked_quotes_leave_the_house(writer: Writer, endpoint: Endpoint) -> None:
    writer.write(SUMMARY)
    said = endpoint.asked[0][2]["messages"][1]["content"]
    assert "13812345678" not in said
    given = json.loads(said)
    assert given["reviews"] == 40
    assert given["pros"][0]["quotes"] == [{"id": 7, "text": "送货很快，电话138****5678"}]
    assert given["cons"][0] | {"quotes": []} == {
        "point": "打孔收费",
        "category": "",
        "reviews": 5,
        "share": 0.125,
        "quotes": [],
    }


def test_without_a_key_none_is_sent(endpoint: Endpoint) -> None:
    Writer(endpoint.url, "", "small-model").write(SUMMARY)
    assert "Authorization" not in endpoint.asked[0][1]


@pytest.mark.parametrize("around", ["```json\n{}\n```", "好的：{}", "{}\n"])
def test_words_around_the_json_are_forgiven(writer: Writer, endpoint: Endpoint, around: str) -> None:
    endpoint.content = around.replace("{}", json.dumps({"sentences": GOOD}))
    assert len(writer.write(SUMMARY)) == 2


def spoilt(change: Callable[[list[dict[str, Any]]], Any]) -> str:
    sentences = json.loads(json.dumps(GOOD))
    change(sentences)
    return json.dumps({"sentences": sentences})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (spoilt(lambda s: s[0].update(evidence=[7, 404])), r"sentence 1 names evidence .* \[404\]"),
        (spoilt(lambda s: s[1].update(evidence=[])), "sentence 2 names no evidence"),
        (spoilt(lambda s: s[1].update(evidence=["9"])), r"sentence 2 .* \['9'\]"),
        (spoilt(lambda s: s[1].update(evidence=[True])), "sentence 2"),
        (spoilt(lambda s: s[1].update(evidence=9)), "did not write sentences"),
        (spoilt(lambda s: s[1].pop("evidence")), "did not write sentences"),
        (spoilt(lambda s: s[0].update(text=" ")), "sentence 1 has 0 characters"),
        (spoilt(lambda s: s[0].update(text="好" * (LONGEST_SENTENCE + 1))), "sentence 1 has 301"),
        (spoilt(lambda s: s.clear()), "wrote 0 sentences"),
        (spoilt(lambda s: s.extend(GOOD * MOST_SENTENCES)), "sentences, wanted are 1 to 20"),
        ("这款产品很好。", "did not write sentences"),
        ("{", "did not write sentences"),
        ('{"sentences": "好"}', "did not write sentences"),
        ('{"sentences": null}', "did not write sentences"),
        ("[" * 100_000, "did not write sentences"),
        ("", "wrote nothing"),
        (None, "wrote nothing"),
    ],
)
def test_an_answer_that_is_not_held_to_quotes_is_refused(
    writer: Writer, endpoint: Endpoint, content: str, reason: str
) -> None:
    endpoint.content = content
    with pytest.raises(WriterError, match=reason):
        writer.write(SUMMARY)
    told = writer.tell(SUMMARY)
    assert (told["by"], told["sentences"]) == ("extractive", [])
    assert told["refused"]


@pytest.mark.parametrize("body", [b"", b"oops", b"{}", b'{"choices": []}', b"[" * 100_000, b"\xff\xfe"])
def test_an_answer_of_another_protocol_is_refused(writer: Writer, endpoint: Endpoint, body: bytes) -> None:
    endpoint.body = body
    with pytest.raises(WriterError, match="not that of a chat"):
        writer.write(SUMMARY)


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_an_error_is_told_and_a_redirection_not_followed(
    writer: Writer, endpoint: Endpoint, status: int
) -> None:
    endpoint.status = status
    with pytest.raises(WriterError, match=f"answered {status}"):
        writer.write(SUMMARY)
    assert len(endpoint.asked) == 1


def test_a_slow_endpoint_is_given_up(endpoint: Endpoint) -> None:
    endpoint.delay = 1.5
    with pytest.raises(WriterError, match="ReadTimeout"):
        Writer(endpoint.url, "", "m", seconds=0.3).write(SUMMARY)


def test_an_endpoint_that_drips_is_given_up(endpoint: Endpoint) -> None:
    endpoint.delay, endpoint.body = 0.2, b" " * 65536 * 4
    began = time.monotonic()
    with pytest.raises(WriterError, match=r"took longer than 0\.3 seconds"):
        Writer(endpoint.url, "", "m", seconds=0.3).write(SUMMARY)
    assert time.monotonic() - began < 2


def test_an_endless_answer_is_given_up(writer: Writer, endpoint: Endpoint) -> None:
    endpoint.body = b" " * (MOST_BYTES + 65536 * 2)
    with pytest.raises(WriterError, match=f"longer than {MOST_BYTES} bytes"):
        writer.write(SUMMARY)


def test_nobody_there_is_told() -> None:
    with pytest.raises(WriterError, match="cannot be used: ConnectError"):
        Writer("http://127.0.0.1:9/v1", "", "m", seconds=2).write(SUMMARY)


def test_nothing_to_tell_asks_nobody(writer: Writer, endpoint: Endpoint) -> None:
    with pytest.raises(WriterError, match="no points"):
        writer.write(Summary(3))
    assert endpoint.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/v1",
        "http://10.0.0.1/v1",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
        "https://",
        "x",
    ],
)
def test_an_address_in_the_open_is_refused(url: str) -> None:
    with pytest.raises(UnsafeAddress, match="https"):
        Writer(url, "", "m")


@pytest.mark.parametrize(
    "url", ["https://example.org/v1/", "http://127.0.0.1:1/v1", "http://[::1]:1", "http://localhost"]
)
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert Writer(url, "", "m").base_url == url.rstrip("/")
