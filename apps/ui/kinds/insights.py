"""What others reach."""

from apps.ui.kinds.declare import Kind, Place

KINDS = (
    Kind(
        "benchmarks",
        "Benchmark",
        "Benchmarks",
        ":material/leaderboard:",
        "How one metric is spread over companies of an industry, size and country.",
        ("size_band", "country", "lower_quartile", "median", "upper_quartile", "starts_on", "ends_on", "source"),
        place=Place.MENU,
    ),
)
