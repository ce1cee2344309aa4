"""Customers and the people who speak for them."""

from apps.ui.kinds.declare import Kind, Part, Place

KINDS = (
    Kind(
        "customers",
        "Customer",
        "Customers",
        ":material/apartment:",
        "A person or company you sell to.",
        ("status", "customer_type", "sector", "country", "assigned_sales_rep_id", "lifetime_value"),
        ("status", "customer_type", "assigned_sales_rep_id"),
        (
            Part("contacts", "customer_id"),
            Part("opportunities", "customer_id"),
            Part("tickets", "customer_id"),
            Part("subscriptions", "customer_id"),
            Part("invoices", "customer_id"),
            Part("contracts", "customer_id"),
            Part("activities", "customer_id"),
            Part("interactions", "customer_id", "Interactions"),
            Part("consents", "customer_id", "Consents"),
            Part("usage_events", "customer_id", "Usage"),
        ),
        Part("customer_status_changes", "customer_id"),
        Place.MENU,
    ),
    Kind(
        "contacts",
        "Contact",
        "Contacts",
        ":material/contacts:",
        "A person at a customer.",
        ("customer_id", "title", "email", "phone", "is_primary"),
        ("customer_id", "is_primary"),
        (
            Part("opportunities", "contact_id"),
            Part("tickets", "contact_id"),
            Part("interactions", "contact_id", "Interactions"),
            Part("consents", "contact_id", "Consents"),
        ),
        place=Place.MENU,
    ),
)
