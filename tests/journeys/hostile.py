"""What people and programs send who mean harm, or whose pencil slipped."""

from typing import Any

SCRIPT = "<script>alert(1)</script>"
TEXTS = {
    "sql": "'; drop table users; --",
    "sql or": "x' or '1'='1",
    "sql functions": "read_text('/etc/passwd'); attach 'x' as y",
    "jinja": "{{7*7}}{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "shell": "${7*7}`id`$(id)#{7*7}%s%n",
    "header": "x\r\nSet-Cookie: taken=1\r\n\r\n<html>",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "formula at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "script": SCRIPT,
    "attribute": "\"><img src=x onerror=alert(1)>'",
    "link": "javascript:alert(1)",
    "markdown": "[x](javascript:alert(1)) ![x](http://evil.example/x.png) :material/home: $x^2$",
    "path": "../../../../etc/passwd",
    "path, encoded": "..%2f..%2f..%2fetc%2fpasswd%00",
    "right to left": "\u202egnp.exe\u2066\u200f",
    "nul": "a\0b",
    "surrogate": "\ud800x",
    "combining": "e" + "\u0301" * 500,
    "wide": "𝕬👩‍👩‍👧‍👦ﷺ\ufeff",
    "number": "9" * 40,
    "not a number": "NaN",
    "infinite": "-Infinity",
    "empty": "",
    "blank": " \t\n ",
    "json": '{"a":[[[[',
    "uuid": "00000000-0000-0000-0000-000000000000",
    "long": "x" * 1_000_000,
}
NUMBERS: dict[str, Any] = {
    "beyond 32 bits": 2**31,
    "beyond 64 bits": 2**63,
    "far beyond": 10**40,
    "below": -(2**63) - 1,
    "minus one": -1,
    "not a number": "NaN",
    "infinite": "Infinity",
    "many places": "0.00000000000000000001",
    "exponent": "1e999999",
    "text": "seven",
}
BODIES = {
    "malformed": (b'{"a":', "application/json"),
    "deep": (b"[" * 20_000, "application/json"),
    "not utf-8": (b"\xff\xfe\x00\x80", "application/json"),
    "no boundary": (b"--x\r\n\r\n", "multipart/form-data"),
    "broken part": (
        b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + b"x" * 10,
        "multipart/form-data; boundary=b",
    ),
    "form": (b"email=%00&password=%ff&csrf=%ud800&&&===", "application/x-www-form-urlencoded"),
    "many fields": (b"&".join(b"f%d=1" % one for one in range(5_000)), "application/x-www-form-urlencoded"),
    "large": (b"email=" + b"x" * 1_000_000, "application/x-www-form-urlencoded"),
    "nothing": (b"", ""),
}
"""What is sent as a body, and what it is said to be."""


def is_live(page: str) -> bool:
    """Whether a page of HTML holds something of the above that a browser would run."""
    return SCRIPT in page or "<img src=x" in page or 'href="javascript:' in page
