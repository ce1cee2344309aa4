"""Decides which SQL may run on an extract: DuckDB's own parser reads it, and what is not known is refused."""

import re
from collections.abc import Collection
from typing import Any

from rapidfuzz import fuzz, process

from warehouse.extracts.child import Parser, Unparsable

CHARACTERS = 20_000
NODES = 5_000
# Metric SQL is compiled by us, not typed by a person: it may be longer.
COMPILED_CHARACTERS = 200_000
COMPILED_NODES = 50_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words("""
    + - * / // % ^ ** || ~~ !~~ ~~* !~~* like_escape not_like_escape ilike_escape not_ilike_escape
    count count_star count_if sum avg min max median mode any_value first last arg_min arg_max min_by max_by
    bool_and bool_or stddev stddev_samp stddev_pop variance var_samp var_pop corr string_agg
    quantile_cont quantile_disc approx_quantile approx_count_distinct
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
    date_trunc date_part date_diff datediff date_add year quarter month week day dayofweek isodow dayofyear
    hour minute second dayname monthname last_day make_date strftime strptime time_bucket timezone
    now today to_years to_quarters to_months to_weeks to_days to_hours to_minutes to_seconds
    abs ceil ceiling floor round trunc sign sqrt ln log exp power pow mod greatest least
    nullif lower upper length trim ltrim rtrim substring substr left right concat concat_ws
    contains starts_with ends_with position strpos split_part chr gen_random_uuid
""")
TYPES = _words("""
    BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE
    DECIMAL VARCHAR DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS INTERVAL UUID NULL
""") | {"TIMESTAMP WITH TIME ZONE"}

# What the parser may write, name by name. A newer engine that writes more is refused, not misread.
_SHAPES = """
    BETWEEN: input lower upper
    CASE: case_checks else_expr
    CAST: cast_type child try_cast
    COLUMN_REF: column_names
    COMPARISON: left right
    CONJUNCTION: children
    CONSTANT: value
    FUNCTION: function_name schema catalog children filter order_bys distinct is_operator export_state
    OPERATOR: children
    STAR: relation_name exclude_list qualified_exclude_list replace_list rename_list columns expr
    SUBQUERY: child comparison_type subquery_type subquery column_name_alias
    WINDOW: function_name schema catalog children partitions orders start end start_expr end_expr \
        offset_expr default_expr ignore_nulls filter_expr exclude_clause distinct arg_orders
    SELECT_NODE: modifiers cte_map select_list from_table where_clause group_expressions group_sets \
        aggregate_handling having qualify
    SET_OPERATION_NODE: modifiers cte_map left right setop_all setop_type
    BASE_TABLE: schema_name table_name catalog_name column_name_alias at_clause
    JOIN: left right condition join_type ref_type using_columns delim_flipped duplicate_eliminated_columns
    EMPTY:
    EXPRESSION_LIST: expected_names expected_types values
    ORDER_MODIFIER: orders
    LIMIT_MODIFIER: limit offset
    DISTINCT_MODIFIER: distinct_on_targets
    ORDER_DEFAULT: expression null_order
    ASCENDING: expression null_order
    DESCENDING: expression null_order
"""
_EVERYWHERE = _words("class type alias query_location sample")
_FIELDS = {
    name: _words(fields) | _EVERYWHERE
    for name, fields in (line.strip().split(":") for line in _SHAPES.strip().splitlines())
}
_EXPRESSION_TYPES = _words("""
    COMPARE_BETWEEN CASE_EXPR OPERATOR_CAST COLUMN_REF VALUE_CONSTANT FUNCTION STAR SUBQUERY
    CONJUNCTION_AND CONJUNCTION_OR COMPARE_EQUAL COMPARE_NOTEQUAL COMPARE_LESSTHAN COMPARE_GREATERTHAN
    COMPARE_LESSTHANOREQUALTO COMPARE_GREATERTHANOREQUALTO COMPARE_DISTINCT_FROM COMPARE_NOT_DISTINCT_FROM
    COMPARE_IN COMPARE_NOT_IN OPERATOR_COALESCE OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL
    GROUPING_FUNCTION WINDOW_AGGREGATE WINDOW_ROW_NUMBER WINDOW_RANK WINDOW_RANK_DENSE WINDOW_PERCENT_RANK
    WINDOW_CUME_DIST WINDOW_NTILE WINDOW_LAG WINDOW_LEAD WINDOW_FIRST_VALUE WINDOW_LAST_VALUE WINDOW_NTH_VALUE
""")
_UNTYPED_SHAPES = """
    node named_param_map
    aliases query materialized key_targets
    key value
    when_expr then_expr
    catalog schema table column
"""
_UNTYPED = {_words(line) for line in _UNTYPED_SHAPES.strip().splitlines()}
# Fields of forms that are not offered: samples, time travel, COLUMNS with a pattern, lateral joins, parameters.
_UNUSED = _words("""
    sample at_clause named_param_map key_targets duplicate_eliminated_columns delim_flipped expected_types
    expr rename_list export_state
""")
_JOINS = _words("REGULAR CROSS NATURAL ASOF")
_CTE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,99}\Z")
_IN_WORDS = {"SHOW_REF": "SHOW, DESCRIBE or SUMMARIZE", "RECURSIVE_CTE_NODE": "A recursive WITH"}
_PARSER = Parser()


class Refused(Exception):
    """This SQL may not run on an extract; the message names what stood in the way."""


def check(sql: str, tables: Collection[str], *, max_characters: int = CHARACTERS, max_nodes: int = NODES) -> str:
    """Return the one SELECT in `sql` without its closing `;`, or raise Refused.

    `tables` is everything this reader may see: a table left out of it does not exist for them.
    """
    if len(sql) > max_characters:
        raise Refused(f"The SQL has {len(sql):,} characters; {max_characters:,} are allowed.")
    try:
        statement, internal = _PARSER.read(sql)
    except Unparsable as reason:
        raise Refused(str(reason)) from None
    _Walk(tables, internal, max_nodes).over(statement)
    # Only what the engine itself skips: str.strip() takes more, and would leave another text than was checked.
    return sql.lstrip(" \t\r\n").rstrip("; \t\r\n")


def _fold(name: str) -> str:
    # The engine folds ASCII only: the Kelvin sign must not become the k of an allowed table.
    return name.lower() if name.isascii() else name


def _nearest(name: str, known: Collection[str]) -> str:
    near = process.extract(name, sorted(known), scorer=fuzz.ratio, processor=str.lower, limit=3, score_cutoff=50)
    return f" Nearest: {', '.join(str(match[0]) for match in near)}." if near else ""


class _Walk:
    """One pass over a parsed statement that stops at the first thing it does not know."""

    def __init__(self, tables: Collection[str], internal: frozenset[str], max_nodes: int) -> None:
        self._names = tables
        self._tables = {_fold(name) for name in tables}
        self._internal = internal
        self._left = self._most = max_nodes
        self._stack: list[tuple[Any, frozenset[str]]] = []
        self._checks = {
            "FUNCTION": self._function,
            "WINDOW": self._function,
            "CAST": lambda node: self._type(node["cast_type"]),
            "CONSTANT": lambda node: self._type(node["value"]["type"]),
            "JOIN": self._join,
        }

    def over(self, statement: dict[str, Any]) -> None:
        """Raise Refused unless every part of the statement is allowed."""
        self._stack.append((statement, frozenset()))
        while self._stack:
            thing, scope = self._stack.pop()
            walk = self._push if isinstance(thing, list) else self._visit
            walk(thing, scope)

    def _push(self, things: Collection[Any], scope: frozenset[str]) -> None:
        self._stack += [(thing, scope) for thing in things if isinstance(thing, (dict, list))]

    def _visit(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        kind = str(node.get("class", node.get("type", "")))
        self._known(kind, node)
        if kind in self._checks:
            self._checks[kind](node)
        if kind == "BASE_TABLE":
            self._table(node, scope)
        if "cte_map" in node:
            scope = self._with(node["cte_map"], scope)
        # Grouping sets are numbers of columns, by the ten thousand.
        leaves = {"cte_map", "cast_type", "group_sets", "value" if kind == "CONSTANT" else ""}
        self._push([value for name, value in node.items() if name not in leaves], scope)

    def _known(self, kind: str, node: dict[str, Any]) -> None:
        self._left -= 1
        if self._left < 0:
            raise Refused(f"The SQL has more than {self._most:,} parts.")
        known = node.keys() <= _FIELDS.get(kind, set()) if "type" in node else frozenset(node) in _UNTYPED
        if not known or ("class" in node and node["type"] not in _EXPRESSION_TYPES):
            raise Refused(f"{self._named(kind, node)} is not allowed here.")
        for name in _UNUSED & node.keys():
            if node[name]:
                raise Refused(f"This form of SELECT is not allowed here ({name.replace('_', ' ')}).")

    def _named(self, kind: str, node: dict[str, Any]) -> str:
        if kind == "TABLE_FUNCTION":
            return f'The table function "{node["function"]["function_name"]}"'
        return _IN_WORDS.get(kind) or str(node.get("type", "An unknown part")).replace("_", " ").capitalize()

    def _function(self, node: dict[str, Any]) -> None:
        name = node["function_name"]
        if name not in FUNCTIONS or node["schema"] not in ("", "main") or node["catalog"]:
            raise Refused(f'The function "{name}" is not allowed here.')

    def _type(self, node: dict[str, Any]) -> None:
        info = node["type_info"] or {"type": "DECIMAL_TYPE_INFO"}
        if node["id"] not in TYPES or info["type"] != "DECIMAL_TYPE_INFO":
            raise Refused(f"Values of the type {info.get('name') or node['id']} are not allowed here.")

    def _join(self, node: dict[str, Any]) -> None:
        if node["ref_type"] not in _JOINS:
            raise Refused(f"A {node['ref_type'].lower()} join is not allowed here.")

    def _table(self, node: dict[str, Any], scope: frozenset[str]) -> None:
        name, schema = _fold(node["table_name"]), node["schema_name"]
        if node["catalog_name"] or _fold(schema) not in ("", "main"):
            qualifier = ".".join(filter(None, (node["catalog_name"], schema)))
            raise Refused(f'Only the schema main can be read; "{qualifier}.{node["table_name"]}" is outside.')
        if name not in self._tables and (schema or name not in scope):
            nearest = _nearest(node["table_name"], self._names)
            raise Refused(f'There is no table "{node["table_name"]}" here.{nearest}')

    def _with(self, ctes: dict[str, Any], scope: frozenset[str]) -> frozenset[str]:
        # A name counts only after its definition, as for the engine: earlier, it would be a real table.
        for entry in ctes["map"]:
            name = _fold(entry["key"])
            if not _CTE_NAME.match(name) or name in self._internal or name in self._tables:
                raise Refused(f'A WITH may not be named "{entry["key"]}": choose a new, plain name.')
            self._push([entry["value"]], scope)
            scope |= {name}
        return scope
