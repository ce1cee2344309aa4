"""The rooms of the house and their screens: the one list that the menu is made from."""

from dataclasses import dataclass
from typing import Literal

from warehouse.tenancy import Actor


@dataclass(frozen=True)
class Screen:
    """A screen of the menu, and the permission it takes to see it."""

    file: str
    """Its name in apps/ui/screens."""
    title: str
    icon: str
    permission: str
    path: str | None = None
    """Its address; None for the screen where people land."""
    visibility: Literal["visible", "hidden"] = "visible"
    """Hidden screens have an address and no line in the menu."""


HOME = Screen("home.py", "Home", ":material/home:", "insights:read")
ROOMS: dict[str, list[Screen]] = {
    "": [HOME],
    "Sales": [
        Screen("sales_pipeline.py", "Pipeline", ":material/view_kanban:", "sales:read", "pipeline"),
        Screen("sales_deals.py", "Deals", ":material/handshake:", "sales:read", "deals"),
        Screen("sales_deal.py", "Deal", ":material/handshake:", "sales:read", "deal", "hidden"),
    ],
}


def rooms_of(actor: Actor | None) -> dict[str, list[Screen]]:
    """The rooms and screens an actor may enter; for nobody all of them, so that a link is known before sign-in."""
    allowed = {
        room: [screen for screen in screens if actor is None or actor.may(screen.permission)]
        for room, screens in ROOMS.items()
    }
    return {room: screens for room, screens in allowed.items() if screens}
