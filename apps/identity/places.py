"""Where a request comes from, in words a person recognizes."""

from starlette.requests import Request

from warehouse.operations.sessions import Place

BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
"""In the order to look: nearly every browser also claims to be the ones further down."""
LONGEST_ADDRESS = 45


def place_of(request: Request, provider: str | None = None) -> Place:
    """The address and the browser of a request."""
    return Place(address_of(request), agent_family(request.headers.get("user-agent", "")), provider)


def address_of(request: Request) -> str:
    """The client's address, as the trusted proxies tell it."""
    return request.client.host[:LONGEST_ADDRESS] if request.client else "unknown"


def agent_family(agent: str) -> str:
    """Browser and system without versions, such as `Firefox on Linux`."""
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), "Another program")
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), None)
    return f"{browser} on {system}" if system else browser
