"""Fields an organization added to its records: columns of its extract, in every table that speaks of such a record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from warehouse.extracts.definitions import Model, names_taken
from warehouse.lake.connection import Lake
from warehouse.oltp.projection import OWN_VALUES

TABLE = "_own_fields"
"""The table of an extract that tells which column is which field."""
HOMES = {
    "customers": ("customer", "dim_customers", "customer_id"),
    "opportunities": ("opportunity", "fct_opportunities", "opportunity_id"),
    "campaigns": ("campaign", "dim_campaigns", "campaign_id"),
    "tickets": ("ticket", "fct_tickets", "ticket_id"),
}
"""Table of the store → what one of its records is called, the model that has them all, and that model's key."""
CASTS = {"number": "decimal(18,4)", "day": "date", "yes_no": "boolean"}
"""Kind of field → its column's type, where that is not text."""


@dataclass(frozen=True)
class OwnField:
    """One field, under the name by which questions know it."""

    name: str
    entity: str
    key: str
    label: str
    kind: str
    privacy: str

    @property
    def home(self) -> str:
        """The model that has all records with this field."""
        return HOMES[self.entity][1]

    def column(self, table: str) -> str:
        """The field as a typed column over a table that has the records' values."""
        text = f"({table}.{OWN_VALUES} ->> '$.{self.key}')"
        return f'{text}::{CASTS.get(self.kind, "varchar")} as "{self.name}"'

    def as_dimension(self) -> dict[str, Any]:
        """The field as the semantic layer tells a dimension."""
        # A number groups like a word: without the zeros that its column's type adds.
        shown = {
            "number": f"rtrim(rtrim({self.name}::varchar, '0'), '.')",
            "yes_no": f"case {self.name} when true then 'yes' when false then 'no' end",
        }
        is_day = self.kind == "day"
        return {
            "name": self.name,
            "description": f"{self.label}, a field of your own on {self.entity}.",
            "type": "time" if is_day else "categorical",
            "type_params": {"time_granularity": "day", "validity_params": None} if is_day else None,
            "expr": shown.get(self.kind, self.name),
            "is_partition": False,
            "metadata": None,
            "label": self.label,
            "config": {"meta": {"label": self.label, "privacy": self.privacy, "is_own": True}},
        }


@dataclass(frozen=True)
class OwnColumn:
    """A field as a column of one model."""

    model: str
    field: OwnField


def own_fields(lake: Lake, organization_id: str, definitions: str) -> list[OwnField]:
    """The organization's fields that identify nobody, in their order.

    A field is called by its key; where something governed, or a field of other records, has that name already, by its
    record and its key: `customer_stage`.
    """
    taken, found = set(names_taken(definitions)), []
    rows = lake.run(
        "select entity, field_key, label, kind, privacy from lake.core.dim_custom_fields "
        "where organization_id = ? order by entity, position, field_key",
        [organization_id],
    )
    for entity, key, label, kind, privacy in rows:
        if entity in HOMES:
            name = free_name(str(key), HOMES[entity][0], taken)
            taken.add(name)
            found.append(OwnField(name, entity, str(key), str(label), str(kind), str(privacy)))
    return found


def free_name(key: str, noun: str, taken: set[str]) -> str:
    """The key, with the record's name before it as often as it takes to be nobody else's."""
    name = key
    while name in taken:
        name = f"{noun}_{name}"
    return name


def columns_of(models: Iterable[Model], fields: list[OwnField]) -> list[OwnColumn]:
    """Which model gets which field: the records' own, and every other that names such a record."""
    return [
        OwnColumn(model.name, field)
        for model in models
        for field in fields
        if model.of_organization and not model.name.startswith("people_") and HOMES[field.entity][2] in model.columns
    ]


def select_list(model: Model, fields: list[OwnField]) -> tuple[str, str]:
    """What to select of a model called `model`, and the joins that takes, with `organization_id` as a parameter."""
    hidden = ["organization_id", *([OWN_VALUES] if OWN_VALUES in model.columns else [])]
    chosen, joins = [f"model.* exclude ({', '.join(hidden)})"], []
    for field in fields:
        _, home, key = HOMES[field.entity]
        table = "model" if home == model.name else field.entity
        chosen.append(field.column(table))
        if table != "model":
            joins.append(
                f"left join lake.core.{home} as {table} "
                f"on model.{key} = {table}.{key} and model.organization_id = {table}.organization_id"
            )
    return ", ".join(chosen), " ".join(dict.fromkeys(joins))


def write_own_fields(lake: Lake, columns: list[OwnColumn]) -> None:
    """The table that says what these columns are; empty where an organization added no fields."""
    told = ("model", "name", "entity", "key", "label", "kind", "privacy")
    lake.run(f"create table extract.main.{TABLE} ({', '.join(f'{one} varchar' for one in told)})")
    for one in columns:
        field = one.field
        values = [one.model, field.name, field.entity, field.key, field.label, field.kind, field.privacy]
        lake.run(f"insert into extract.main.{TABLE} values ({', '.join('?' * len(told))})", values)
