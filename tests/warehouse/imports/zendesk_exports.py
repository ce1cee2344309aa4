"""A small help desk in the columns of Zendesk's CSV exports, and another in the objects of its JSON exports."""

import json

TICKET_COLUMNS = (
    "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,Submitter,Assignee,"
    "Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,Organization,Due date,"
    "Initially assigned at,Solved at,Resolution time,Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,"
    "First reply time in minutes,Product [list]"
)
ZENDESK_CSV = {
    "team-members.csv": """ID,Name,Email,Suspended,Date created,Last updated,Last sign-in,Time zone,Language,Primary Group,Groups,Role
9001,Robin Reed,rr@x.test,FALSE,2023-01-02,2024-01-02,2024-03-01,UTC,English,Support,Support,Agent
9002,Marlo Marsh,mm@x.test,TRUE,2023-01-02,2024-01-02,-,UTC,English,Support,Support,Admin
""",
    "organizations.csv": """id,name,domain_names,details,notes,tags,created_at
501,Pebble & Sons,pebble.test,Roofs,,vip,2023-01-05T10:00:00Z
502,Quarry Lane,,,,,2023-01-05T10:00:00Z
""",
    "users.csv": """id,name,email,role,organization_id,phone,tags,locale
701,Sol Vik,sol@pebble.test,end-user,501,+47 555 02,buyer,nb
702,,tom@home.test,end-user,,,,
9001,Robin Reed,rr@x.test,agent,,,,
""",
    "tickets-2024.csv": f"""{TICKET_COLUMNS}
1,101,Sol Vik,701,,sol@pebble.test,pebble.test,Sol Vik,Robin Reed,Support,Leaking roof,"roof,urgent",Closed,Urgent,Mail,Incident,2024-03-01 09:00,2024-03-09 08:00,2024-03-01 09:30,Pebble & Sons,-,2024-03-01 09:30,2024-03-05 10:15,97.25,Good,1,1,0,2,30,Roof
1,102,Tom Moor,702,,tom@home.test,home.test,Tom Moor,-,Support,No answer,,New,-,Carrier pigeon,-,2024-03-02 10:00,2024-03-02 10:00,-,-,-,-,-,-,Offered,0,0,0,0,-,-
1,103,Sol Vik,701,,sol@pebble.test,pebble.test,Robin Reed,Kim Frost,Support,,,Pending,Normal,Phone call (incoming),Question,2024-03-03 11:00,2024-03-04 12:00,2024-03-03 11:05,Harbour,-,2024-03-03 11:05,-,-,Not Offered,1,1,0,1,5.5,-
1,104,Sol Vik,701,,sol@pebble.test,pebble.test,Sol Vik,Robin Reed,Support,Gone,,Deleted,Low,Web form,-,2024-03-03 11:00,2024-03-04 12:00,-,-,-,-,-,-,-,0,0,0,0,-,-
1,105,Sol Vik,701,,sol@pebble.test,pebble.test,Sol Vik,Robin Reed,Support,Odd,,Escalating,Low,Web form,-,2024-03-03 11:00,2024-03-04 12:00,-,-,-,-,-,-,-,0,0,0,0,-,-
""",
}


def _lines(*objects: dict[str, object]) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in objects)


ROBIN = {"id": 9001, "name": "Robin Reed", "email": "rr@x.test", "role": "agent", "suspended": False}
SOL = {"id": 701, "name": "Sol Vik", "email": "sol@pebble.test", "role": "end-user", "organization_id": 501}
ZENDESK_JSON = {
    "users.json": _lines(ROBIN, SOL | {"tags": ["buyer", "north"]}),
    "organizations.json": _lines({"id": 501, "name": "Pebble & Sons", "domain_names": ["pebble.test"], "tags": []}),
    "tickets.json": _lines(
        {
            "id": 101,
            "subject": "Leaking roof",
            "description": "It drips.",
            "status": "closed",
            "priority": "urgent",
            "type": "incident",
            "via": {"channel": "email", "source": {"rel": None}},
            "created_at": "2024-03-01T09:00:00Z",
            "updated_at": "2024-03-09T08:00:00Z",
            "requester_id": 701,
            "assignee_id": 9001,
            "organization_id": 501,
            "tags": ["roof", "urgent"],
            "custom_fields": [{"id": 36001, "value": "Roof"}, {"id": 36002, "value": None}],
            "satisfaction_rating": {"id": 1, "score": "bad"},
            "metric_set": {
                "solved_at": "2024-03-05T10:15:00Z",
                "initially_assigned_at": "2024-03-01T09:30:00Z",
                "reply_time_in_minutes": {"calendar": 30, "business": 20},
            },
            "comments": [
                {
                    "id": 1,
                    "author_id": 701,
                    "body": "It drips.",
                    "public": True,
                    "via": {"channel": "email"},
                    "created_at": "2024-03-01T09:00:00Z",
                },
                {
                    "id": 2,
                    "author_id": 9001,
                    "body": "Old roof.",
                    "public": False,
                    "via": {"channel": "web"},
                    "created_at": "2024-03-01T09:20:00Z",
                },
                {
                    "id": 3,
                    "author_id": 8888,
                    "body": "Who am I?",
                    "public": True,
                    "via": {"channel": "web"},
                    "created_at": "2024-03-01T09:21:00Z",
                },
            ],
        },
        {
            "id": 102,
            "subject": "Fence",
            "status": "hold",
            "priority": None,
            "via": {"channel": "native_messaging"},
            "created_at": "2024-03-02T10:00:00Z",
            "updated_at": "2024-03-02T10:30:00Z",
            "requester": {"id": 702, "name": "Tom Moor", "email": "tom@home.test"},
            "assignee": {"id": 9003, "name": "Kim Frost", "email": "kf@x.test"},
            "comments": [],
        },
    ),
    "ticket_audits.json": _lines(
        {
            "id": 51,
            "ticket_id": 101,
            "created_at": "2024-03-01T09:00:00Z",
            "events": [
                {"id": 511, "type": "Create", "field_name": "status", "value": "new"},
                {"id": 512, "type": "Create", "field_name": "priority", "value": "urgent"},
            ],
        },
        {
            "id": 53,
            "ticket_id": 101,
            "created_at": "2024-03-05T10:15:00Z",
            "events": [{"id": 531, "type": "Change", "field_name": "status", "value": "solved"}],
        },
        {
            "id": 52,
            "ticket_id": 101,
            "created_at": "2024-03-02T07:00:00Z",
            "events": [{"id": 521, "type": "Change", "field_name": "status", "value": "pending"}],
        },
        {
            "id": 54,
            "ticket_id": 101,
            "created_at": "2024-03-09T08:00:00Z",
            "events": [{"id": 541, "type": "Change", "field_name": "status", "value": "closed"}],
        },
    ),
    "satisfaction_ratings.json": json.dumps(
        {
            "satisfaction_ratings": [
                {
                    "id": 1,
                    "ticket_id": 101,
                    "requester_id": 701,
                    "score": "bad",
                    "comment": "Slow",
                    "created_at": "2024-03-05T11:00:00Z",
                    "updated_at": "2024-03-06T11:00:00Z",
                },
                {
                    "id": 2,
                    "ticket_id": 101,
                    "requester_id": 701,
                    "score": "offered",
                    "created_at": "2024-03-05T10:20:00Z",
                },
            ],
            "count": 2,
        }
    ),
}
