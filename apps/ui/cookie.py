"""The cookie that Streamlit sets for whoever has signed in, read where no screen runs."""

import json
from collections.abc import Mapping

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from apps.identity.address import canonical_origin


def sign_in_of(cookies: Mapping[str, str], secret: str) -> str | None:
    """The `sid` in the signed cookie of this very origin; None where there is none, or a forged one."""

    def one(name: str) -> bytes | None:
        raw = cookies.get(name)
        return decode_signed_value(secret, name, raw.encode("latin-1")) if raw else None

    try:
        told = json.loads(get_cookie_with_chunks(one, USER_COOKIE_NAME) or b"{}")
    except (ValueError, UnicodeError):
        return None
    if not isinstance(told, dict) or told.get("origin") != canonical_origin():
        return None
    sid = told.get("sid")
    return sid if isinstance(sid, str) else None
