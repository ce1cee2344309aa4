"""Which tag each number and each way to cut it has: what the matrices of rights are made from."""

METRICS = {
    "deal_count": "business",
    "open_deal_count": "business",
    "open_pipeline_value": "business",
    "won_value": "business",
    "won_deal_count": "business",
    "lost_deal_count": "business",
    "closed_deal_count": "business",
    "win_rate": "business",
    "avg_won_deal_size": "business",
    "avg_sales_cycle_days": "business",
}
DIMENSIONS = {
    "opened_on": "business",
    "closed_on": "business",
    "expected_close_on": "business",
    "stage": "business",
    "sales_rep": "personal",
    "regional_office": "business",
    "product": "business",
    "series": "business",
    "customer": "personal",
    "sector": "business",
    "country": "business",
}


def may_ask(rights: frozenset[str], tag: str) -> bool:
    """Whether the law lets somebody with these rights ask for what has this tag."""
    return "insights:read" in rights and (tag == "business" or f"fields:{tag}" in rights)
