"""What each day of a campaign costs in each channel, and what the channel says it delivered for it."""

import numpy as np

from warehouse.demo import chance
from warehouse.demo.campaign_words import CHANNELS, TYPES
from warehouse.demo.campaigns import LASTS, Campaigns
from warehouse.demo.chance import Keys, Numbers, Places
from warehouse.demo.columns import NO_NUMBER, UNIT, Chunk, Ids, Words, chunk, evening, moment, to_cent, written
from warehouse.demo.presets import Company

SPENT = 0.9
"""Share of the budget that is spent by the end, on average."""
PER_THOUSAND, CLICKS = 9.0, 0.011
"""What a thousand impressions cost in units of the currency, and clicks per impression before people tire of it."""
TIRED = 0.6
"""Share of clicks that is gone when the whole budget is spent."""
DAILY_TYPES = (TYPES.index("social"), TYPES.index("paid_ads"))
"""Others cost something once a week."""
_WORDS = tuple(sorted({name for row in CHANNELS for name in row}))
_CHANNELS = np.array([[_WORDS.index(row[0]), _WORDS.index(row[-1])] for row in CHANNELS])


def cost_chunk(company: Company, campaigns: Campaigns, owner: Ids, seed: int) -> Chunk:
    """One row per campaign, channel and day that costs something, known the day after."""
    kind = campaigns.kind
    channels = np.where(np.isin(kind, DAILY_TYPES), np.array([len(row) for row in CHANNELS])[kind], 1)
    every = np.where(np.isin(kind, DAILY_TYPES), 1, 7)
    cells = LASTS[kind] // every * channels
    row = np.repeat(np.arange(len(campaigns)), cells)
    place = np.arange(len(row)) - np.repeat(np.cumsum(cells) - cells, cells)
    day, channel = np.divmod(place, channels[row])
    on = campaigns.starts_on[row] + day * every[row]
    keys = chance.keys_of(campaigns.keys[row], "cost", place)
    amount = campaigns.budget[row] / cells[row] * SPENT * chance.lognormal(seed, "campaign cost", keys, 0.95, 0.3)
    impressions, clicks = _delivered(seed, keys, amount, day * every[row] / LASTS[kind[row]])
    is_shown = np.isin(kind[row], DAILY_TYPES)
    end = evening(company.until)
    at = moment(on + 1, chance.uniform(seed, "cost hour", keys) * 0.1)
    return chunk(
        "campaign_daily_costs",
        {
            "id": chance.identifiers(seed, "campaign_daily_costs", keys, np.where(np.isnat(at), end, at)),
            "campaign_id": campaigns.ids[row],
            "channel": Words(_CHANNELS[kind[row], channel], _WORDS),
            "spent_on": on,
            "amount": to_cent(amount),
            "currency": company.currency,
            "impressions": np.where(is_shown, impressions, NO_NUMBER),
            "clicks": np.where(is_shown, clicks, NO_NUMBER),
            **written(at, owner[row]),
        },
        at < end,
    )


def _delivered(seed: int, keys: Keys, amount: Numbers, progress: Numbers) -> tuple[Places, Places]:
    """Impressions and clicks for an amount (ten-thousandths): fewer clicks per impression as a campaign goes on."""
    bought = amount / UNIT / PER_THOUSAND * 1000
    impressions = np.round(bought * chance.lognormal(seed, "impressions", keys, 1.0, 0.15))
    usual = impressions * CLICKS * (1 - TIRED * progress)
    clicks = np.round(usual + np.sqrt(usual) * chance.normal(seed, "ad clicks", keys))
    return impressions.astype(np.int64), np.clip(clicks, 0, impressions).astype(np.int64)
