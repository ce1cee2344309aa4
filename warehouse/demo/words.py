"""Words the companies' customers and people are made of; all of them invented, none belongs to anyone."""

NAME_STARTS = (
    "Bumble", "Thistle", "Copper", "Dapple", "Ember", "Fiddle", "Gossamer", "Hazel", "Inkle", "Juniper", "Kettle",
    "Lantern", "Marble", "Nettle", "Otter", "Pebble", "Quill", "Ripple", "Saffron", "Tinder", "Umber", "Velvet",
    "Whistle", "Yarrow", "Aspen", "Bramble", "Cinder", "Dewdrop", "Eider", "Flint", "Gable", "Heron", "Ivory", "Jade",
    "Kelp", "Loam", "Moss", "Nimbus", "Ochre", "Plume",
)  # fmt: skip
NAME_ENDS = (
    "wick", "moor", "barrow", "stoke", "thwaite", "gate", "hollow", "mere", "combe", "stead", "bridge", "haven",
    "field", "water", "cliff", "dale", "ford", "holm", "ness", "worth",
)  # fmt: skip
GIVEN_NAMES = (
    "Alder", "Bryony", "Clover", "Dill", "Elder", "Fern", "Garnet", "Heather", "Ivo", "Jasper", "Kestrel", "Linden",
    "Marigold", "Nutmeg", "Opal", "Primrose", "Quince", "Rowan", "Sorrel", "Tansy", "Umbra", "Verbena", "Wren", "Zinnia",
)  # fmt: skip
FAMILY_NAMES = (
    "Acornby", "Buttonhole", "Candlewright", "Dumplington", "Elbowroom", "Featherby", "Gumboot", "Haystacker",
    "Inglenook", "Jampot", "Kettleby", "Lampwick", "Mittenworth", "Noodleman", "Overcoat", "Picklesworth",
    "Quiltmaker", "Raincloud", "Sandalwise", "Teacupson", "Underhedge", "Vestpocket", "Wheelbarrow", "Yardstick",
)  # fmt: skip
TITLES = (
    "Head of Purchasing", "Office Manager", "Facilities Lead", "Managing Director", "Workshop Planner",
    "Head of Finance", "Operations Lead",
)  # fmt: skip
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
    "Norway": ("North", "EUR", "en"), "Denmark": ("North", "EUR", "en"), "Sweden": ("North", "SEK", "en"),
    "United Kingdom": ("North", "GBP", "en"), "Germany": ("Centre", "EUR", "de"), "Austria": ("Centre", "EUR", "de"),
    "Netherlands": ("Centre", "EUR", "en"), "France": ("South", "EUR", "fr"), "Italy": ("South", "EUR", "it"),
    "Spain": ("South", "EUR", "es"), "Portugal": ("South", "EUR", "es"), "United States": ("West", "USD", "en"),
}  # fmt: skip
"""Country → the regional office that looks after it, its currency, the language its people write in."""

HOME = {
    "DE": "Germany", "AT": "Austria", "US": "United States", "GB": "United Kingdom", "FR": "France", "SE": "Sweden",
    "ES": "Spain",
}  # fmt: skip
"""Two letters → the country's name."""

SOURCES = {
    "website": (0.28, 0.0),
    "referral": (0.22, 0.7),
    "trade fair": (0.18, 0.2),
    "partner": (0.12, 0.4),
    "newsletter": (0.10, -0.3),
    "cold call": (0.10, -0.9),
}
"""Where leads come from → their share, and what that adds to the log-odds of being qualified."""
