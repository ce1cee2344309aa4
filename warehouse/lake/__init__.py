"""The only door to DuckLake."""
