"""改判 one review after another: those first of which the analyser was least sure."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reports.interval import wilson
from storage import relabels
from storage.products import products_by_ids
from storage.relabels import Agreement
from webapp.auth import current_workspace, role_required
from webapp.cells import MARK, csv_line
from webapp.database import open_session, session
from webapp.pages import names
from webapp.pages.review import shown

AT_ONCE = 20
UNSURE = "uncertain"


@dataclass(frozen=True)
class Agreed:
    """How often people gave the label that they saw; an unsure one cannot be agreed with."""

    name: str
    n: int
    agreed: int
    interval: tuple[float, float] | None

    @property
    def share(self) -> float | None:
        """Share of agreement, None where nothing could be agreed with."""
        return self.agreed / self.n if self.interval else None


def add_routes(pages: Blueprint) -> None:
    """Put the queue at /labelling."""
    pages.add_url_rule("/labelling", "labelling", labelling)
    pages.add_url_rule("/labelling/corrections.csv", "corrections", corrections)


@role_required("analyst")
def labelling() -> ResponseReturnValue:
    """Show the queue, the agreement so far, and how to train from it."""
    queue = relabels.unsure(session, current_workspace.id, limit=AT_ONCE)
    ids = sorted({review.product_id for review in queue})
    return render_template(
        "pages/labelling.html",
        section="pages.labelling",
        shown=shown(queue),
        products={of.id: of for of in products_by_ids(session, current_workspace.id, ids)},
        agreement=agreed(relabels.agreement(session, current_workspace.id)),
    )


@role_required("analyst")
def corrections() -> Response:
    """Send the texts with the labels of people, as `nlp.training.tune --corrections` reads them."""
    lines = [csv_line(["text", "polarity"])]
    with open_session() as own:  # its cursor needs a transaction, which a page has none of
        found = relabels.corrections(own, current_workspace.id)
        lines += [csv_line([one.text, one.label]) for one in found]
    headers = {"Content-Disposition": 'attachment; filename="corrections.csv"'}
    return Response(MARK + "".join(lines), mimetype="text/csv", headers=headers)


def agreed(found: list[Agreement]) -> list[Agreed]:
    """Return a line for all labels together, then one for each; those that were unsure stand apart."""
    sure = [one for one in found if one.label != UNSURE]
    lines = [_line(names.sentiment(one.label), one) for one in sure]
    if sure:
        whole = Agreement("", sum(one.n for one in sure), sum(one.agreed for one in sure))
        lines.insert(0, _line(_("All"), whole))
    unsure = [Agreed(names.sentiment(UNSURE), one.n, 0, None) for one in found if one.label == UNSURE]
    return lines + unsure


def _line(name: str, of: Agreement) -> Agreed:
    return Agreed(name, of.n, of.agreed, wilson(of.agreed, of.n))
