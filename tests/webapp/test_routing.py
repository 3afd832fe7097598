import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import routing


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("test")
    routing.init_app(app)

    @app.get("/things/<int:number>")
    def thing(number: int) -> str:
        return str(number)

    @app.get("/pages/<int(max=9):number>")
    def page(number: int) -> str:
        return str(number)

    return app.test_client()


@pytest.mark.parametrize("number", [0, 1, 2**63 - 1])
def test_ids_are_numbers(client: FlaskClient, number: int) -> None:
    assert client.get(f"/things/{number}").text == str(number)


@pytest.mark.parametrize("number", [2**63, 10**30, -1, "1.5", "x"])
def test_what_no_column_can_hold_is_no_address(client: FlaskClient, number: object) -> None:
    assert client.get(f"/things/{number}").status_code == 404


def test_a_route_may_set_its_own_limit(client: FlaskClient) -> None:
    assert client.get("/pages/9").status_code == 200
    assert client.get("/pages/10").status_code == 404
