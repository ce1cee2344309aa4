"""How a person wants things: theirs alone, and before what their organization chose."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from warehouse.oltp.organization import User
from warehouse.operations.fields import Locale, Zone


class Preferences(BaseModel):
    """What a person chose; None leaves it to the organization or to the screen."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    locale: Locale | None = None
    timezone: Zone | None = None
    start_page: str | None = None
    """The address of the screen where they begin."""
    default_period: Literal["month", "quarter"] | None = None
    default_organization: str | None = None
    """The id of the organization they begin in, where they have several."""
    tell_when_joined: bool = True
    """A mail when somebody they invited has joined."""


def preferences_of(user: User) -> Preferences:
    """What a person chose; what an older version stored and this one cannot read counts as not chosen."""
    try:
        return Preferences.model_validate(user.preferences)
    except ValidationError:
        return Preferences()


def save_preferences(session: Session, user_id: str, chosen: Preferences) -> None:
    """Keep what a person chose; whatever else is stored with it stays."""
    user = session.get_one(User, user_id)
    user.preferences = user.preferences | chosen.model_dump()
