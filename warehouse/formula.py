"""The arithmetic of metrics that are computed from others: exact in answers, approximate where rows are ordered."""

import ast
from collections.abc import Iterator, Mapping
from decimal import Decimal

PLACES = Decimal(1).scaleb(-16)

Values = Mapping[str, Decimal | int | None]


class FormulaUnreadable(Exception):
    """Not sums, differences, products and quotients of names and numbers."""


def evaluate(formula: str, values: Values) -> Decimal | None:
    """The formula's value, to sixteen places; None where a value is unknown or something is divided by nothing.

    >>> evaluate("won / (won + lost)", {"won": 1, "lost": 3})
    Decimal('0.2500000000000000')
    """
    found = _value(ast.parse(formula, mode="eval").body, values)
    return found if found is None else found.quantize(PLACES)


def as_sql(formula: str) -> str:
    """The same in SQL, in floating point: good enough to order by."""
    return _sql(ast.parse(formula, mode="eval").body)


def names_in(formula: str) -> tuple[str, ...]:
    """The names a formula is made of, each once, as they come. Raises FormulaUnreadable.

    >>> names_in("won / (won + lost)")
    ('won', 'lost')
    """
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise FormulaUnreadable(formula) from None
    return tuple(dict.fromkeys(_names(tree)))


def _names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name():
            yield node.id
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            yield from _names(node.left)
            yield from _names(node.right)
        case _:
            raise FormulaUnreadable(ast.unparse(node))


def _value(node: ast.expr, values: Values) -> Decimal | None:
    if isinstance(node, ast.Name):
        known = values[node.id]
        return None if known is None else Decimal(known)
    if isinstance(node, ast.Constant):
        return Decimal(str(node.value))
    if not isinstance(node, ast.BinOp):
        raise FormulaUnreadable(ast.unparse(node))
    left, right = _value(node.left, values), _value(node.right, values)
    if left is None or right is None:
        return None
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right if right else None
    raise FormulaUnreadable(ast.unparse(node))


def _sql(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return f'"{node.id}"::double'
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.BinOp):
        raise FormulaUnreadable(ast.unparse(node))
    left, right = _sql(node.left), _sql(node.right)
    match node.op:
        case ast.Div():
            return f"({left} / nullif({right}, 0))"
        case ast.Add():
            return f"({left} + {right})"
        case ast.Sub():
            return f"({left} - {right})"
        case ast.Mult():
            return f"({left} * {right})"
    raise FormulaUnreadable(ast.unparse(node))
