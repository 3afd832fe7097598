import re

from flask.testing import FlaskClient


def test_the_page_needs_nothing_from_elsewhere_and_no_inline_code(client: FlaskClient) -> None:
    html = client.get("/api/v1/docs").text
    assert re.findall(r'(?:src|href)="(?!/)', html) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert "<style" not in html
    assert " style=" not in html
    assert re.findall(r"\son\w+=", html) == []


def test_our_own_script_and_the_description_are_served(client: FlaskClient) -> None:
    html = client.get("/api/v1/docs").text
    own = [path for path in re.findall(r'(?:src|data-openapi)="([^"]+)"', html) if "vendor" not in path]
    assert "/api/v1/openapi.json" in own
    for path in own:
        with client.get(path) as answer:
            assert answer.status_code == 200, path


def test_swagger_ui_comes_from_the_vendored_package(client: FlaskClient) -> None:
    html = client.get("/api/v1/docs").text
    assert "/static/vendor/swagger-ui-dist/swagger-ui-bundle.js" in html
    assert "/static/vendor/swagger-ui-dist/swagger-ui.css" in html


def test_it_is_in_the_readers_language(client: FlaskClient) -> None:
    assert 'lang="zh-CN"' in client.get("/api/v1/docs").text
