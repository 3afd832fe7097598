import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import Product, User, Workspace
from tests.webapp.conftest import PASSWORD
from webapp.pages.names import driver, is_demo, job_kind, model, problem, sentiment, stage, state


def test_the_login_page_is_chinese_first(client: FlaskClient) -> None:
    html = client.get("/login").text
    assert '<html lang="zh-CN"' in html
    assert "登录" in html
    assert 'name="csrf_token"' in html


def test_the_language_is_switched_and_kept(client: FlaskClient) -> None:
    link = re.search(r'href="([^"]+)" lang="en"', client.get("/login?next=/jobs").text)
    assert link is not None
    assert "next=" in link[1]
    english = client.get(link[1].replace("&amp;", "&")).text
    assert '<html lang="en"' in english
    assert "Log in" in client.get("/login").text


def test_the_demo_is_plainly_labelled(app: Flask, session: Session, user: User, workspace: Workspace) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/login", data={"email": user.email, "password": PASSWORD})
    assert "演示数据（合成）" not in client.get("/").text
    workspace.name = "demo"
    session.commit()
    assert "演示数据（合成）" in client.get("/").text
    assert is_demo(workspace)


def test_a_user_of_no_workspace_gets_a_page(app: Flask, session: Session, user: User) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/login", data={"email": user.email, "password": PASSWORD})
    for membership in accounts.memberships_of(session, user.id):
        accounts.remove_member(session, membership.workspace_id, user.id)
    session.commit()
    answer = client.get("/")
    assert answer.status_code == 403
    assert "您不属于任何工作区" in answer.text


def test_viewers_are_offered_what_they_may_do(viewer_client: FlaskClient, product: Product) -> None:
    page = viewer_client.get(f"/products/{product.id}").text
    for address in ("/imports/new", "/labelling", f"/products/{product.id}/forecasts"):
        assert f'"{address}"' not in page.split("<main")[0] + page.split("page-actions")[1].split("</div>")[0]
    refused = viewer_client.get("/labelling?lang=zh")
    assert refused.status_code == 403
    assert "此操作需要 分析员 角色；您的角色是 查看者。" in refused.text


def test_an_unknown_address_is_a_page(reader: FlaskClient) -> None:
    answer = reader.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


def test_scripts_may_not_style_or_evaluate(reader: FlaskClient) -> None:
    html = reader.get("/jobs").text
    assert '"includeIndicatorStyles": false' in html
    assert '"allowEval": false' in html


def test_every_link_of_a_page_to_our_files_is_answered(reader: FlaskClient) -> None:
    linked = re.findall(r'(?:href|src)="(/static/(?!vendor)[^"]+)"', reader.get("/").text)
    assert len(linked) >= 5
    for address in linked:
        with reader.get(address) as answer:
            assert answer.status_code == 200


def test_codes_have_words_and_unknown_ones_keep_their_own(english: None) -> None:
    assert (sentiment("uncertain"), sentiment(None)) == ("Unsure", "Not scored yet")
    assert (state("running"), state("new")) == ("Running", "new")
    assert (job_kind("import_sales"), job_kind("x")) == ("Import sales", "x")
    assert (stage("daily"), stage("x")) == ("Build days", "x")
    assert (model("ARIMA"), model("Ours")) == ("ARIMA", "Ours")
    assert (driver("promo"), driver("temperature")) == ("Promotion", "temperature")
    assert problem(404)
    assert problem(418) is None
