"""What an organization makes its own."""

from apps.ui.kinds.declare import Kind, Place

KINDS = (
    Kind(
        "custom_fields",
        "Own field",
        "Own fields",
        ":material/add_notes:",
        "A field you add to customers, deals, campaigns or tickets; forms, lists and records then have it.",
        ("entity", "kind", "privacy", "is_required", "position"),
        ("entity", "kind"),
        place=Place.MENU,
    ),
)
