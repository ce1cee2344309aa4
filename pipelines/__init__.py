"""Floor 3: the clock. The only floor that knows Dagster and dbt."""
