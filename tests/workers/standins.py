"""Servers on this machine that check and answer as the vendors' do: robots over TLS, and a mail server."""

import base64
import hashlib
import hmac
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workers import outbound
from workers.outbound import Target

HOSTS = ("oapi.dingtalk.com", "qyapi.weixin.qq.com", "open.feishu.cn", "hooks.example.com", "localhost")
SECRET = "SECstandin"
HOUR = 3600


class Robots:
    """What the three vendors' robots and a webhook took, and how they answer."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.at: dict[str, list[float]] = {}
        self.per_minute = 20
        self.next_status = 200

    def answer(
        self, host: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        """Check a request as the vendor does; refusals come with a status of 200."""
        self.asked.append(path)
        if self.next_status != 200:
            return self.next_status, {}
        if not headers.get("Content-Type", "").startswith("application/json"):
            return 200, {"errcode": 43004, "errmsg": "require json", "code": 9499, "msg": "Bad Request"}
        check = {
            "oapi.dingtalk.com": self._dingtalk,
            "qyapi.weixin.qq.com": self._wecom,
            "open.feishu.cn": self._feishu,
        }.get(host, self._webhook)
        return check(host, urlsplit(path), json.loads(body), body, headers)

    def _dingtalk(self, host: str, at: Any, told: Any, _body: bytes, _headers: Any) -> tuple[int, Any]:
        asked = {name: values[0] for name, values in parse_qs(at.query).items()}
        signed = hmac.new(
            SECRET.encode(), f"{asked.get('timestamp')}\n{SECRET}".encode(), hashlib.sha256
        ).digest()
        age = abs(time.time() * 1000 - int(asked.get("timestamp", 0)))
        if asked.get("sign") != base64.b64encode(signed).decode() or age > HOUR * 1000:
            return 200, {"errcode": 310000, "errmsg": "sign not match"}
        if at.path != "/robot/send" or asked.get("access_token") != "token":
            return 200, {"errcode": 300001, "errmsg": "token is not exist"}
        if told["msgtype"] != "markdown" or not told["markdown"]["title"] or not told["markdown"]["text"]:
            return 200, {"errcode": 40035, "errmsg": "param error"}
        return self._limited(host, told["markdown"], {"errcode": 130101, "errmsg": "send too fast"})

    def _wecom(self, host: str, at: Any, told: Any, _body: bytes, _headers: Any) -> tuple[int, Any]:
        if at.path != "/cgi-bin/webhook/send" or parse_qs(at.query).get("key") != ["key"]:
            return 200, {"errcode": 93000, "errmsg": "invalid webhook url"}
        if told["msgtype"] != "markdown" or len(told["markdown"]["content"].encode()) > 4096:
            return 200, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
        return self._limited(host, told["markdown"], {"errcode": 45009, "errmsg": "api freq out of limit"})

    def _feishu(self, host: str, at: Any, told: Any, body: bytes, _headers: Any) -> tuple[int, Any]:
        if (
            at.path != "/open-apis/bot/v2/hook/token"
            or len(body) > 20 * 1024
            or told["msg_type"] != "interactive"
        ):
            return 200, {"code": 9499, "msg": "Bad Request", "data": {}}
        key = f"{told.get('timestamp')}\n{SECRET}".encode()
        signed = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        if told.get("sign") != signed or abs(time.time() - int(told["timestamp"])) > HOUR:
            return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        [element] = told["card"]["elements"]
        taken = {"title": told["card"]["header"]["title"]["content"], "text": element["content"]}
        return self._limited(host, taken, {"code": 11232, "msg": "frequency limited"})

    def _webhook(self, host: str, at: Any, told: Any, body: bytes, headers: Any) -> tuple[int, Any]:
        signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if headers.get("X-Fengping-Signature") != signed:
            return 401, {}
        return self._limited(host, told, {})

    def _limited(self, host: str, message: dict[str, Any], refused: dict[str, Any]) -> tuple[int, Any]:
        recent = [at for at in self.at.get(host, []) if time.time() - at < 60]
        if len(recent) >= self.per_minute:
            return 200, refused
        self.at[host] = [*recent, time.time()]
        self.taken.setdefault(host, []).append(message)
        ok = {"code": 0, "msg": "success"} if host == "open.feishu.cn" else {"errcode": 0, "errmsg": "ok"}
        return 200, ok


def handler_of(robots: Robots) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, told = robots.answer(
                self.headers["Host"].partition(":")[0], self.path, self.headers, body
            )
            answer = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words: Any) -> None:
            pass

    return Handler


@contextmanager
def running_robots(folder: Path) -> Iterator[tuple[Robots, Callable[..., tuple[int, bytes]]]]:
    """Yield the robots, and a function that posts to them by TLS in the vendors' names."""
    server_side, client_side = certificates(folder)
    robots = Robots()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(robots))
    server.daemon_threads = True
    server.socket = server_side.wrap_socket(server.socket, server_side=True)
    robots.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def send(target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        here = Target(target.host, robots.port, target.path, "127.0.0.1")
        return outbound.exchange(here, body, headers, client_side)

    try:
        yield robots, send
    finally:
        server.shutdown()
        server.server_close()


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return contexts of a server with the vendors' names, and of a client that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "standin.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


class Mailbox:
    """A mail server that takes mail only over TLS and after a login; `trust` is whom a client must trust."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self.port = 0
        self.trust = trust
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.starttls = True

    @property
    def url(self) -> str:
        """What `SMTP_URL` says to log in here."""
        return f"smtp://fengping:p%40ss@localhost:{self.port}"

    def read(self) -> tuple[list[str], Any]:
        """Return whom the one mail here went to, and the mail."""
        [(_, people, raw)] = self.mails
        return people, message_from_bytes(raw, policy=policy.default)


@contextmanager
def running_mailbox(folder: Path) -> Iterator[Mailbox]:
    server_side, client_side = certificates(folder)
    mailbox = Mailbox(client_side)

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 standin")
            self.secure, self.known = False, False
            sender, people = "", []
            while line := self.rfile.readline().decode().strip():
                word = line.upper().split(":")[0].split(" ")[0]
                if word in ("EHLO", "HELO"):
                    offers = ["AUTH PLAIN"] if self.secure else ["STARTTLS"] if mailbox.starttls else []
                    for offer in ["standin", *offers][:-1]:
                        self.say(f"250-{offer}")
                    self.say(f"250 {['standin', *offers][-1]}")
                elif word == "STARTTLS":
                    self.say("220 go on")
                    self.connection = server_side.wrap_socket(self.connection, server_side=True)
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                    self.secure = True
                elif word == "AUTH":
                    wanted = base64.b64encode(b"\0fengping\0p@ss").decode()
                    self.known = line.split(" ")[-1] == wanted
                    self.say("235 welcome" if self.known else "535 who are you")
                elif word == "MAIL" and not self.known:
                    self.say("530 log in first")
                elif word in ("MAIL", "RCPT"):
                    address = line.partition(":")[2].split(" ")[0].strip("<>")
                    sender, people = (address, []) if word == "MAIL" else (sender, [*people, address])
                    self.say("250 fine")
                elif word == "DATA":
                    self.say("354 go on")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    mailbox.mails.append((sender, people, text))
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    break
                else:
                    self.say("250 fine")

        def finish(self) -> None:
            super().finish()
            self.connection.close()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    mailbox.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield mailbox
    finally:
        server.shutdown()
        server.server_close()
