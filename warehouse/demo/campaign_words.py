"""What campaigns, their mails, pages and forms are called; all of it invented."""

TYPES = ("email", "social", "content", "paid_ads", "webinar", "event")
THEMES = (
    "Quiet Mondays", "The long table", "Fewer forms", "Ready by Friday", "Meet the makers", "Second look", "Open doors",
    "One thing less", "Better mornings", "The honest price", "Small wonders", "Off the shelf", "Under one roof",
    "Three good reasons", "The handover", "Room to grow",
)  # fmt: skip
SEASONS = (
    "Winter",
    "Winter",
    "Spring",
    "Spring",
    "Spring",
    "Summer",
    "Summer",
    "Summer",
    "Autumn",
    "Autumn",
    "Autumn",
    "Winter",
)
CHANNELS = (("email",), ("social",), ("web", "email"), ("search", "display"), ("email", "web"), ("email", "onsite"))
"""Per type: where it is heard, the main channel first."""
MEDIA = ("email", "social", "referral", "cpc", "email", "email")
UTM_SOURCES = ("newsletter", "chirpwall", "quillpost", "lanternsearch", "newsletter", "newsletter")
"""Per type: the invented site or list that visitors come from."""
TERMS = ("oak tables", "office planning", "order software", "clinic near me", "wholesale prices", "help with forms")
SUBJECTS = (
    "{theme}: what is new", "A word about {theme}", "{theme}, and an invitation", "You asked, we built: {theme}",
)  # fmt: skip
BODIES = (
    "Here is what we have been working on, in three short paragraphs and one picture.",
    "We would like to show you how others use it. It takes four minutes.",
)
KINDS = ("email", "social_post", "article", "advertisement", "email", "email")
"""Per type: what its main content is."""
CONSENT = "I agree to receive news by e-mail. I can take this back at any time."
EVIDENCE = ("Box ticked on a form", "Box on a form left empty", "Letter to us")
"""Where a person allowed something, did not, or refused it."""
