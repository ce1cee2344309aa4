"""Applications that were generated for customers."""

from apps.ui.kinds.declare import Kind, Part, Place

KINDS = (
    Kind(
        "applications",
        "Application",
        "Applications",
        ":material/apps:",
        "A generated application: what it is made of, where it runs, whom it serves.",
        ("status", "owner_id", "deployment_url"),
        ("status", "owner_id"),
        (
            Part("application_workflows", "application_id"),
            Part("application_customers", "application_id"),
            Part("ticket_applications", "application_id", "Tickets"),
            Part("usage_events", "application_id", "Usage"),
        ),
        place=Place.MENU,
    ),
    Kind(
        "application_workflows",
        "Workflow",
        "Workflows",
        ":material/account_tree:",
        "A business workflow that an application takes part in.",
        ("application_id",),
    ),
    Kind(
        "application_customers",
        "Customer of an application",
        "Customers",
        ":material/apartment:",
        "A customer that uses an application.",
        ("application_id",),
    ),
)
