"""What somebody does to the audit who may do everything with the database: its triggers are no help against them."""

from sqlalchemy import text

from warehouse.oltp.engine import engine

TRIGGERS = {
    "sqlite": "select name, tbl_name from sqlite_master where type = 'trigger' and tbl_name like 'audit_%'",
    "postgresql": (
        "select distinct trigger_name, event_object_table from information_schema.triggers "
        "where event_object_table like 'audit_%' union select tgname, relname from pg_trigger "
        "join pg_class on pg_class.oid = tgrelid where relname like 'audit_%' and not tgisinternal"
    ),
}


def tamper(*statements: str) -> None:
    """Drop what guards the audit, then run these statements as the owner of the database."""
    with engine().execution_options(writes=True).begin() as connection:
        kind = connection.dialect.name
        if kind == "postgresql":
            connection.execute(text("select set_config('longhouse.installation', 'on', true)"))
        for name, table in connection.execute(text(TRIGGERS[kind])).all():
            connection.execute(text(f"drop trigger {name}" + (f" on {table}" if kind == "postgresql" else "")))
        for statement in statements:
            connection.execute(text(statement))
