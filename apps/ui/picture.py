"""Draws a chart into a PNG: `python -m apps.ui.picture SCALE` reads a Vega-Lite specification and writes the picture."""

import sys

import vl_convert

LOOKS = {"font": "DejaVu Sans, sans-serif", "view": {"stroke": None}}


def main() -> None:
    """From standard input to standard output."""
    spec = sys.stdin.read()
    made = vl_convert.vegalite_to_png(spec, scale=float(sys.argv[1]), config=LOOKS)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
