"""What foreign systems call our entities, fields and stages: one table, read when a mapping is suggested."""

FILES = {
    "memberships": "sales_teams sales_team team teams users user reps agents staff owners salespeople members",
    "products": "products product items articles catalog catalogue",
    "customers": "accounts account customers customer companies company clients organizations leads prospects",
    "contacts": "contacts contact people persons",
    "opportunities": "opportunities opportunity deals deal pipeline sales_pipeline opps orders",
    "activities": "activities activity tasks calls events notes meetings",
}
"""Entity → names of files that hold it, in the order a mapping needs them."""

REP = "sales_agent sales_rep rep owner salesperson assigned_to account_owner deal_owner opportunity_owner"
ACCOUNT = "account account_name account_id customer customer_name customer_id company company_name company_id client"
SALES = "order_date sale_date sold_on date_of_sale purchase_date"
"""Days of sales that were made: rows with one are deals that were won."""
STRANGERS = "row order invoice ticket transaction line"
"""Parts of the names of keys that are none of a customer, a person or a product."""
FIELDS: dict[str, dict[str, str]] = {
    "memberships": {
        "name": "name full_name sales_agent sales_rep rep employee user agent salesperson",
        "email": "email e_mail mail email_address",
        "manager_id": "manager reports_to supervisor manager_name",
        "regional_office": "regional_office office region branch",
        "business_role": "role title job_title position",
    },
    "products": {
        "name": "product product_name name item item_name title",
        "series": "series family product_family category product_category product_line",
        "list_price": "sales_price list_price price unit_price",
        "cost": "cost unit_cost",
    },
    "customers": {
        "name": f"{ACCOUNT} name client_name organization full_name prospect prospect_id lead lead_id lead_name",
        "company": "company company_name account account_name organization",
        "email": "email e_mail mail email_address",
        "phone": "phone telephone phone_number tel",
        "country": "country office_location billing_country location country_region country_code",
        "sector": "sector industry vertical",
        "founded_year": "year_established founded founded_year year_founded",
        "annual_revenue": "revenue annual_revenue turnover",
        "employees": "employees number_of_employees headcount num_employees",
        "parent_customer_id": "subsidiary_of parent parent_account parent_company parent_id",
        "assigned_sales_rep_id": REP,
        "status": "status customer_status lifecycle_stage churn churned exited converted",
        "acquisition_source": "source lead_source acquisition_source",
        "became_customer_on": "customer_since since became_customer_on",
        "address": "address street billing_address",
    },
    "contacts": {
        "name": "name full_name contact contact_name person",
        "customer_id": ACCOUNT,
        "email": "email e_mail mail email_address",
        "phone": "phone telephone mobile phone_number tel",
        "title": "title job_title position role",
    },
    "opportunities": {
        "name": "opportunity_name deal_name name deal title opportunity topic",
        "customer_id": ACCOUNT,
        "sales_rep_id": REP,
        "stage": "deal_stage stage stage_name status pipeline_stage sales_stage",
        "amount": "close_value amount value deal_value deal_amount opportunity_amount sales sale order_total total",
        "opened_on": "engage_date created created_at created_date create_date opened opened_on open_date start_date",
        "expected_close_on": "expected_close_date expected_close_on expected_close estimated_close_date",
        "closed_on": f"close_date closed closed_on closed_at closed_date won_date {SALES}",
        "source": "source lead_source",
        "lost_reason": "lost_reason loss_reason reason_lost",
        "lines": "product product_name product_id item",
    },
    "activities": {
        "kind": "kind type activity_type",
        "subject": "subject title name summary",
        "body": "body notes note description comments",
        "opportunity_id": "opportunity opportunity_id deal deal_id",
        "customer_id": ACCOUNT,
        "member_id": REP,
        "happened_on": "date happened_on activity_date",
        "due_on": "due due_date due_on",
        "duration_minutes": "duration duration_minutes minutes",
    },
}
"""Entity → field → column names, the most telling first. `lines` is the product of a deal."""

REFERENCES = {
    "manager_id": "memberships",
    "sales_rep_id": "memberships",
    "assigned_sales_rep_id": "memberships",
    "member_id": "memberships",
    "customer_id": "customers",
    "parent_customer_id": "customers",
    "opportunity_id": "opportunities",
    "lines": "products",
}

STAGES = {
    "lead": "lead new prospecting prospect open created",
    "qualified": "qualified qualification engaging engaged contacted discovery working needs_analysis",
    "proposal": "proposal quote quoted proposal_sent value_proposition demo presentation",
    "negotiation": "negotiation negotiating contract contract_sent negotiation_review verbal decision",
    "closed_won": "closed_won won closedwon success",
    "closed_lost": "closed_lost lost closedlost dead disqualified",
}
KINDS = {
    "call": "call phone phone_call",
    "email": "email mail e_mail",
    "meeting": "meeting appointment visit demo",
    "note": "note comment",
    "task": "task todo to_do",
}
STATUSES = {
    "lead": "lead subscriber new marketing_qualified_lead mql",
    "prospect": "prospect opportunity sales_qualified_lead sql open other",
    "customer": "customer client active evangelist",
    "churned": "churned former inactive lost cancelled canceled",
}
WORDS: dict[str, dict[str, str]] = {"stage": STAGES, "kind": KINDS, "status": STATUSES}
"""Field → our word → theirs."""
YES, NO = "yes true 1 y", "no false 0 n"
FLAGS = {
    "churn churned exited": {"churned": YES, "customer": NO},
    "converted": {"customer": YES, "lead": NO},
}
"""Columns that say yes or no → what that makes of the one in the row."""
MENTIONS = {
    "memberships": ("", REP, "sales_rep_id"),
    "products": ("product_id item_id sku", "product_name product item_name item", "lines"),
    "customers": (
        "customer_id account_id company_id client_id",
        "customer_name account_name company_name client_name customer account company client",
        "customer_id",
    ),
}
"""Entity → its keys and its names where the row of a deal names it in passing, and the deal's field for it."""
