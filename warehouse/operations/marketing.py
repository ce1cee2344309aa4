"""What people may do with campaigns and everything around them."""

from typing import Any

from warehouse.oltp.marketing import (
    CAMPAIGN_FLOW,
    Campaign,
    CampaignContent,
    CampaignDailyCost,
    CampaignMember,
    CampaignStatus,
    Form,
    LandingPage,
    Segment,
)
from warehouse.oltp.marketing_interactions import Consent, Interaction, Suppression
from warehouse.operations.declare import NotAllowedNow, Work
from warehouse.operations.register import keep, move, note


def _keep_days(work: Work, campaign: Campaign, _was: CampaignStatus, request: Any) -> None:
    on = request.on or work.today
    if campaign.status is CampaignStatus.ACTIVE:
        campaign.scheduled_start_on = campaign.scheduled_start_on or on
    if campaign.status is CampaignStatus.COMPLETED:
        campaign.scheduled_end_on = campaign.scheduled_end_on or max(on, campaign.scheduled_start_on or on)


def _lower(_work: Work, suppression: Suppression) -> None:
    suppression.address = suppression.address.lower()


def _names_somebody(_work: Work, interaction: Interaction) -> None:
    if interaction.customer_id is None and interaction.contact_id is None and interaction.campaign_id is None:
        raise NotAllowedNow("An interaction is of a customer, a contact or a campaign; name one.")


segments = keep(Segment, room="marketing", noun="segment")
campaigns = keep(Campaign, room="marketing", noun="campaign", computed=("status",))
move_campaign = move(Campaign, room="marketing", noun="campaign", flow=CAMPAIGN_FLOW, after=_keep_days)
campaign_members = keep(
    CampaignMember, room="marketing", noun="campaign member", parent="campaign_id", fixed=("customer_id", "contact_id")
)
campaign_contents = keep(CampaignContent, room="marketing", noun="campaign content", parent="campaign_id")
campaign_daily_costs = keep(
    CampaignDailyCost, room="marketing", noun="campaign cost", parent="campaign_id", fixed=("channel", "spent_on")
)
forms = keep(Form, room="marketing", noun="form")
landing_pages = keep(LandingPage, room="marketing", noun="landing page")
suppressions = keep(Suppression, room="marketing", noun="suppression", before=_lower)
note_interaction = note(
    Interaction, room="marketing", noun="interaction", filled=("happened_at",), after=_names_somebody
)
note_consent = note(Consent, room="marketing", noun="consent", filled=("happened_at",))
