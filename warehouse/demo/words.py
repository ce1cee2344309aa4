"""Words the demo company is made of; all of them invented, none belongs to anyone."""

COMPANY_SLUG = "demo"
COMPANY_NAME = "Oakbeam Trestle Works"

NAME_STARTS = (
    "Bumble", "Thistle", "Copper", "Dapple", "Ember", "Fiddle", "Gossamer", "Hazel", "Inkle", "Juniper", "Kettle",
    "Lantern", "Marble", "Nettle", "Otter", "Pebble", "Quill", "Ripple", "Saffron", "Tinder", "Umber", "Velvet",
    "Whistle", "Yarrow",
)  # fmt: skip
NAME_ENDS = ("wick", "moor", "barrow", "stoke", "thwaite", "gate", "hollow", "mere", "combe", "stead")

GIVEN_NAMES = (
    "Alder", "Bryony", "Clover", "Dill", "Elder", "Fern", "Garnet", "Heather", "Ivo", "Jasper", "Kestrel", "Linden",
    "Marigold", "Nutmeg", "Opal", "Primrose", "Quince", "Rowan", "Sorrel", "Tansy", "Umbra", "Verbena", "Wren", "Zinnia",
)  # fmt: skip
FAMILY_NAMES = (
    "Acornby", "Buttonhole", "Candlewright", "Dumplington", "Elbowroom", "Featherby", "Gumboot", "Haystacker",
    "Inglenook", "Jampot", "Kettleby", "Lampwick", "Mittenworth", "Noodleman", "Overcoat", "Picklesworth",
    "Quiltmaker", "Raincloud", "Sandalwise", "Teacupson", "Underhedge", "Vestpocket", "Wheelbarrow", "Yardstick",
)  # fmt: skip
TITLES = ("Head of Purchasing", "Office Manager", "Facilities Lead", "Managing Director", "Workshop Planner")
STREETS = ("Mossy Lane", "Lower Ladder Street", "Turnip Row", "Seven Buckets Road", "Wobbly Bridge Way")

TRADES = {
    "Hospitality": ("Inns", "Tearooms", "Guesthouses"),
    "Education": ("Academy", "Evening School", "Library Trust"),
    "Healthcare": ("Clinics", "Care Homes", "Wellness Rooms"),
    "Retail": ("Outfitters", "Market Halls", "Toy Shops"),
    "Manufacturing": ("Gearworks", "Pottery", "Button Mill"),
    "Logistics": ("Haulage", "Parcel Service", "Ferries"),
    "Technology": ("Abacus Labs", "Signals", "Software Barn"),
    "Public sector": ("Town Council", "Fire Brigade", "Harbour Office"),
}
"""Sector → what a company of that sector calls itself."""

COUNTRIES = {
    "Norway": "North",
    "Denmark": "North",
    "Germany": "Centre",
    "Netherlands": "Centre",
    "Austria": "Centre",
    "Portugal": "South",
    "Italy": "South",
}
"""Country → the regional office that looks after it."""

SOURCES = {
    "website": (0.28, 0.0),
    "referral": (0.22, 0.10),
    "trade fair": (0.18, 0.03),
    "partner": (0.12, 0.05),
    "newsletter": (0.10, -0.05),
    "cold call": (0.10, -0.14),
}
"""Where deals come from → (their share, what that adds to the chance of winning)."""

LOST_REASONS = ("Price", "Chose a rival", "No budget this year", "Project cancelled", "Never answered", "Delivery time")
RIVALS = ("Wobblestool & Sons", "Plankton Joinery", "Three Legs Good", "Sawdust Collective")

SUBJECTS = {
    "call": ("Call about sizes", "Call about delivery", "Returned a missed call", "Talked through the offer"),
    "email": ("Sent the catalogue", "Sent the offer", "Answered questions about finish", "Asked for a decision date"),
    "meeting": ("Showroom visit", "Measured the room", "Walked through the drawings", "Met the purchasing team"),
    "note": (
        "Prefers lighter wood",
        "Decision needs two signatures",
        "Compares us with a rival",
        "Wants samples first",
    ),
    "task": ("Prepare the offer", "Send wood samples", "Check stock", "Book the fitting team", "Follow up"),
}
