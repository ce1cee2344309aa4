"""QR codes for authenticator apps, drawn on this machine, dark on white as cameras want them."""

from io import BytesIO

import segno


def qr_svg(text: str) -> str:
    """An SVG element without a size of its own."""
    return str(segno.make(text, error="m").svg_inline(omitsize=True, border=2, dark="#000", light="#fff"))


def qr_png(text: str) -> bytes:
    """A PNG picture: a Streamlit screen shows no SVG element."""
    file = BytesIO()
    segno.make(text, error="m").save(file, kind="png", scale=8, border=2)
    return file.getvalue()
