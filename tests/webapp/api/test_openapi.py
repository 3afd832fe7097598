import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

METHODS = {"get", "post", "put", "patch", "delete"}
PROMISED = {
    ("post", "/api/v1/analyze"),
    ("post", "/api/v1/imports"),
    ("get", "/api/v1/dictionary"),
    ("post", "/api/v1/dictionary"),
    ("delete", "/api/v1/dictionary/{word_id}"),
    ("post", "/api/v1/dictionary/suggestions"),
    ("post", "/api/v1/dictionary/preview"),
    ("get", "/api/v1/jobs"),
    ("get", "/api/v1/jobs/{job_id}"),
    ("post", "/api/v1/jobs/{job_id}/cancel"),
    ("post", "/api/v1/jobs/{job_id}/retry"),
    ("get", "/api/v1/products"),
    ("get", "/api/v1/products/{product_id}"),
    ("get", "/api/v1/products/{product_id}/daily"),
    ("get", "/api/v1/products/{product_id}/reviews"),
    ("get", "/api/v1/products/{product_id}/digest"),
    ("post", "/api/v1/products/{product_id}/forecasts"),
    ("get", "/api/v1/forecasts/{run_id}"),
}


@pytest.fixture
def spec(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], list[dict[str, Any]]]]:
    for path, item in spec["paths"].items():
        for method in METHODS & set(item):
            yield method, path, item[method], item.get("parameters", []) + item[method].get("parameters", [])


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def test_it_is_openapi_3(spec: dict[str, Any]) -> None:
    assert spec["openapi"].startswith("3.")
    assert {"title", "version", "description"} <= set(spec["info"])


def test_every_promised_call_is_there(spec: dict[str, Any]) -> None:
    assert {(method, path) for method, path, *_ in operations(spec)} >= PROMISED


def test_every_route_is_described(app: Flask, spec: dict[str, Any]) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    paths = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for rule in rules if "/docs" not in rule}
    assert paths - {"/api/v1/openapi.json"} == set(spec["paths"])


def test_every_reference_leads_somewhere(spec: dict[str, Any]) -> None:
    found = set(references(spec))
    assert found
    for reference in found:
        node: Any = spec
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_every_call_is_whole(spec: dict[str, Any]) -> None:
    for method, path, operation, parameters in operations(spec):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert any(code.startswith("2") for code in operation["responses"]), where
        assert "default" in operation["responses"], where
        described = {item["name"] for item in parameters if item.get("in") == "path"}
        assert described == set(re.findall(r"{(\w+)}", path)), where
        names = [(item["in"], item["name"]) for item in parameters]
        assert len(names) == len(set(names)), where


def test_defaults_obey_their_own_rules(spec: dict[str, Any]) -> None:
    for schema in spec["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            if "default" in field and "enum" in field:
                assert field["default"] in field["enum"], name


def test_every_write_takes_an_idempotency_key(spec: dict[str, Any]) -> None:
    for method, path, _, parameters in operations(spec):
        takes = "Idempotency-Key" in {item.get("name") for item in parameters}
        assert takes is (method in ("post", "patch")), path


def test_errors_are_problems(spec: dict[str, Any]) -> None:
    for response in spec["components"]["responses"].values():
        assert response["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }


def test_a_file_can_be_sent_from_the_description(spec: dict[str, Any]) -> None:
    content = spec["paths"]["/api/v1/imports"]["post"]["requestBody"]["content"]
    assert set(content) == {"multipart/form-data", "application/json"}
    file = spec["components"]["schemas"]["File"]["properties"]["file"]
    assert (file["type"], file["format"]) == ("string", "binary")


def test_parts_of_a_form_that_are_json_are_described_as_objects(spec: dict[str, Any]) -> None:
    for schema in ("File", "Rows"):
        for name in ("mapping", "roles"):
            field = spec["components"]["schemas"][schema]["properties"][name]
            assert (field["type"], field["additionalProperties"]) == ("object", {"type": "string"})


def test_a_body_is_required_only_where_a_field_of_it_is(spec: dict[str, Any]) -> None:
    for _, path, operation, _ in operations(spec):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            name = content["schema"]["$ref"].rpartition("/")[2]
            needs = bool(spec["components"]["schemas"][name].get("required"))
            assert operation["requestBody"].get("required", False) is needs, path


def test_tokens_are_described(spec: dict[str, Any]) -> None:
    assert spec["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert {"bearer": []} in spec["security"]
