"""Answers that are made once: their bytes are kept for as long as the rows behind them stay as they are."""

import gzip
import json
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, request
from marshmallow import Schema

from webapp.auth.access import principal
from webapp.language import language

MOST_BYTES = 32 * 1024 * 1024


class Bodies:
    """The bodies asked for last, by their tag; threads share one, processes do not.

    Parameters
    ----------
    most : int
        Bytes kept; beyond them the one not asked for longest goes first.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most = most
        self.size = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> bytes | None:
        """Return the body, or None where it is not kept."""
        with self._lock:
            if tag in self._bodies:
                self._bodies.move_to_end(tag)
            return self._bodies.get(tag)

    def keep(self, tag: str, body: bytes) -> None:
        """Keep a body."""
        with self._lock:
            self.size += len(body) - len(self._bodies.pop(tag, b""))
            self._bodies[tag] = body
            while self.size > self.most:
                _, gone = self._bodies.popitem(last=False)
                self.size -= len(gone)


def init_app(app: Flask, spec: Callable[[], Any]) -> None:
    """Give `app` bodies of its own; another `spec`, the description of the API, makes other tags."""
    app.extensions["bodies"] = Bodies()
    app.extensions["shape"] = lru_cache(
        lambda: blake2b(json.dumps(spec(), sort_keys=True).encode()).hexdigest()
    )


def answer(stamp: str, schema: type[Schema], make: Callable[[], Any]) -> Response:
    """Answer a GET from the rows that `stamp` stands for, with 304 where the caller has that answer.

    It is compressed, once, for those who say that they read gzip.

    Parameters
    ----------
    stamp : str
        Changes whenever one of the rows behind the answer does; read before `make` reads the rows.
    schema : type of Schema
        What the answer is written by.
    make : callable
        Makes what the schema writes; not called where the bytes are kept.
    """
    plain = _tag(stamp)
    packed = request.accept_encodings["gzip"] > 0
    tag = f"{plain}-gzip" if packed else plain
    response = Response(mimetype="application/json")
    response.set_etag(tag)
    response.vary.add("Accept-Encoding")
    if tag in request.if_none_match:
        response.status_code = 304
        return response

    def body() -> bytes:
        written = current_app.json.dumps(schema().dump(make()), separators=(",", ":"))
        return written.encode()

    def packed_body() -> bytes:
        return gzip.compress(_kept(plain, body), mtime=0)

    response.set_data(_kept(tag, packed_body if packed else body))
    if packed:
        response.content_encoding = "gzip"
    return response


def _kept(tag: str, make: Callable[[], bytes]) -> bytes:
    bodies: Bodies = current_app.extensions["bodies"]
    body = bodies.get(tag)
    if body is None:
        body = make()
        bodies.keep(tag, body)
    return body


def _tag(stamp: str) -> str:
    """Return a tag of who asks for what, how answers are written, and the state of the rows."""
    who = principal()
    parts = (
        str(who.workspace.id) if who else "",
        f"{who.role} {who.reads_texts}" if who else "",
        request.full_path,
        language(),
        current_app.extensions["shape"](),
        stamp,
    )
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
