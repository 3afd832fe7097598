import re

from flask.testing import FlaskClient

from tests.webapp.conftest import LogIn


def test_a_token_is_shown_once_scoped_expiring_and_revoked(log_in: LogIn, client: FlaskClient) -> None:
    owner = log_in("owner")
    wish = {"name": "bi", "role": "analyst", "days": "30", "scope": ["jobs"]}
    [secret] = re.findall(r'id="secret">(fp_[^<]+)<', owner.post("/settings/tokens", data=wish).text)
    page = owner.get("/settings/tokens").text
    assert secret not in page
    header = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/jobs", headers=header).status_code == 200
    refused = client.get("/api/v1/products", headers=header)
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    [path] = re.findall(r'action="(/settings/tokens/\d+/revoke)"', page)
    owner.post(path)
    assert client.get("/api/v1/jobs", headers=header).status_code == 401
    assert owner.post("/settings/tokens", data=wish | {"scope": ["nothing"]}).status_code == 400
    assert owner.post("/settings/tokens", data=wish | {"days": "9999"}).status_code == 400
