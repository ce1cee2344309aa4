"""The business model, built by dbt in the workshop."""
