"""A small audience in the columns of Mailchimp's exports, with its campaigns, opens and clicks."""

_WHO = "Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP"
_WHERE = "LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION"
CAMPAIGN_COLUMNS = (
    "Title,Subject,List,Send Date,Send Weekday,Total Recipients,Successful Deliveries,Soft Bounces,Hard Bounces,Total Bounces,"
    "Times Forwarded,Forwarded Opens,Unique Opens,Open Rate,Total Opens,Unique Clicks,Click Rate,Total Clicks,Unsubscribes,"
    "Abuse Complaints,Times Liked on Facebook,Folder Id,Unique Id"
)
SUBSCRIBED = "lists/members/subscribed_email_audience_export_a1b2.csv"
UNSUBSCRIBED = "lists/unsubscribed/unsubscribed_email_audience_export_a1b2.csv"
OPENS, CLICKS = "granular_activity/opens/17_-_Spring roofs.csv", "granular_activity/clicks/17_-_Spring roofs.csv"
MAILCHIMP = {
    SUBSCRIBED: f"""{_WHO},{_WHERE},LAST_CHANGED,LEID,EUID,NOTES,TAGS
Sol@Pebble.test,Sol,Vik,"1 Quay Street, Bergen",+47 555 02,03/14,4,2024-01-10 09:05:33,192.0.2.1,2024-01-10 09:06:00,192.0.2.1,60.4,5.3,1,2,Europe/Oslo,NO,46,2024-02-01 10:00:00,1001,aa01,,"""
    + '''"""VIP"",""Blog"""
ana@quarry.test,,,,,,2,,,2024-01-12 08:00:00,,,,,,,,,2024-01-12 08:00:00,1002,aa02,,
'''
    + f"""old@quarry.test,Old,Hand,,,,2,,,,,{"," * 6},2019-01-12 08:00:00,1005,aa05,,
""",
    "lists/transactional/nonsubscribed_email_audience_export_a1b2.csv": f"""{_WHO},{_WHERE},LAST_CHANGED,LEID,EUID,NOTES,TAGS
buyer@shop.test,,,,,,2,,,,,{"," * 6},2024-01-12 08:00:00,1009,aa09,,
""",
    UNSUBSCRIBED: f"""{_WHO},{_WHERE},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS
kim@frost.test,Kim,Frost,,,,2,2024-01-11 09:00:00,192.0.2.9,2024-01-11 09:01:00,192.0.2.9,{"," * 6},2024-03-02 07:30:00,Spring roofs,17671f6028,NORMAL,,1003,aa03,,
""",
    "lists/cleaned/cleaned_email_audience_export_a1b2.csv": f"""{_WHO},{_WHERE},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS
gone@moor.test,Gale,Moor,,,,1,,,2024-01-12 08:00:00,,{"," * 6},2024-03-01 10:02:00,Spring roofs,17671f6028,1004,aa04,,
""",
    "campaigns.csv": f"""{CAMPAIGN_COLUMNS}
Spring roofs,Roofs before the rain,Customers,"Mar 01, 2024 09:30 pm",Friday,4,3,0,1,1,0,0,2,66.67%,9,1,33.33%,1,1,0,0,0,17671f6028
""",
    OPENS: """Timestamp,IP,Email
2024-03-01 22:00:01,192.0.2.1,sol@pebble.test
2024-03-02 07:10:00,192.0.2.1,sol@pebble.test
2024-03-02 07:20:00,192.0.2.9,kim@frost.test
2024-03-02 08:00:00,192.0.2.7,nobody@else.test
""",
    CLICKS: """Timestamp,Url,Email
2024-03-02 07:10:30,https://x.test/roofs,Sol@pebble.test
""",
    "granular_activity/opens/18_-_Summer fences.csv": """Timestamp,IP,Email
2024-06-01 10:00:00,192.0.2.1,sol@pebble.test
""",
}
