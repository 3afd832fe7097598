"""The form of the login page."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length


class LoginForm(FlaskForm):
    """Who you are, and where you wanted to go."""

    email = StringField(
        _("E-mail"),
        [InputRequired(_("Please fill in your e-mail.")), Length(max=254)],
        filters=[lambda v: v and v.strip()],
    )
    password = PasswordField(
        _("Password"), [InputRequired(_("Please fill in your password.")), Length(max=1024)]
    )
    remember = BooleanField(_("Keep me logged in"))
    next = HiddenField()
