"""Small exports in the columns that Salesforce, HubSpot and Pipedrive document, with what real ones are like."""

from tests.warehouse.imports.mailchimp_exports import MAILCHIMP
from tests.warehouse.imports.zendesk_exports import ZENDESK_CSV, ZENDESK_JSON

SALESFORCE = {
    "User.csv": """Id,Username,LastName,FirstName,Title,Division,Email,IsActive,ManagerId,CreatedDate
005A,rr@x.test,Reed,Robin,Account Executive,North,rr@x.test,true,005B,2020-01-02T08:00:00.000Z
005B,mm@x.test,Marsh,,Sales Director,,mm@x.test,true,,2020-01-02T08:00:00.000+0000
005C,gone@x.test,Moor,Gale,,,,false,005B,2020-01-02T08:00:00.000Z
""",
    "Account.csv": """Id,IsDeleted,Name,Type,ParentId,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry,Phone,Industry,AnnualRevenue,NumberOfEmployees,OwnerId,CreatedDate,AccountSource,Custom__c
001A,false,Pebble & Sons,Customer - Direct,001B,"1 Quay Street
Floor 2",Bergen,,5003,Norway,+47 555 01,Retail,12500000,140,005A,2023-01-05T10:00:00.000Z,Web,x
001B,false,Quarry Lane,Prospect,,,,,,Kenya,,Software,,900,005B,2023-01-05T10:00:00.000Z,,
001C,false,Tin Whistle Ltd,,,,,,,,,,,,,2023-01-05T10:00:00.000Z,,
001D,true,Deleted Ltd,Prospect,,,,,,,,,,,005A,2023-01-05T10:00:00.000Z,,
""",
    "Contact.csv": """Id,IsDeleted,AccountId,LastName,FirstName,Phone,MobilePhone,Email,Title
003A,false,001A,Vik,Sol,,+47 555 02,sol@pebble.test,Buyer
003B,false,001Z,Nobody,,,,,
""",
    "Product2.csv": """Id,IsDeleted,Name,ProductCode,Family,IsActive
01tA,false,Kite One,K1,Kite,true
01tB,0,Old Kite,K0,Kite,0
""",
    "Opportunity.csv": """Id,IsDeleted,AccountId,Name,StageName,Amount,Probability,CloseDate,LeadSource,IsClosed,IsWon,OwnerId,CreatedDate,CurrencyIsoCode
006A,false,001A,Harbour roof,Closed Won,12500.5,100,2024-03-05,Web,true,true,005A,2024-01-10T09:30:00.000Z,EUR
006B,false,001B,Wall,Signed elsewhere,300,0,2024-02-01,,1,0,005A,2024-01-15T23:59:59.000+0000,USD
006C,false,,Fence,Negotiation/Review,,90,2031-01-31,,false,false,005Z,2024-02-01T00:00:00.000Z,USD
006D,false,001C,Gate,Closed Won,99.99,100,2023-12-31,,true,true,005B,2024-02-01T00:00:00.000Z,NOK
006E,false,001C,Shed,Piloting,1,20,2031-01-31,,false,false,005B,2024-02-01T00:00:00.000Z,USD
006F,true,001A,Bin,Prospecting,1,20,2031-01-31,,false,false,005B,2024-02-01T00:00:00.000Z,USD
006G,false,001D,Sand,Prospecting,10,10,2031-01-31,,false,false,005C,2024-02-01T00:00:00.000Z,USD
""",
    "OpportunityHistory.csv": """Id,OpportunityId,CreatedById,CreatedDate,StageName,Amount,CloseDate
008C,006A,005A,2024-03-05T16:00:00.000Z,Closed Won,12500.5,2024-03-05
008A,006A,005A,2024-01-10T09:30:00.000Z,Qualification,,2024-03-31
008B,006A,005A,2024-02-01T10:00:00.000Z,Proposal/Price Quote,12000,2024-03-31
008D,006A,005A,2024-02-02T10:00:00.000Z,Proposal/Price Quote,12500.5,2024-03-31
008E,006A,005A,2024-02-03T10:00:00.000Z,Old stage,12500.5,2024-03-31
008F,006C,005A,2024-02-01T00:00:00.000Z,Prospecting,,2031-01-31
""",
    "OpportunityLineItem.csv": """Id,IsDeleted,OpportunityId,SortOrder,PricebookEntryId,Product2Id,Quantity,UnitPrice,TotalPrice
00kA,false,006A,1,01uA,01tA,2.5,4000,10000
00kB,false,006A,2,01uB,01tB,1,2500.5,2500.5
00kC,false,006B,,01uA,01tA,0,4000,0
00kD,false,006E,,01uA,01tA,1,4000,4000
""",
    "Task.csv": """Id,WhoId,WhatId,Subject,ActivityDate,Status,OwnerId,Description,IsDeleted,AccountId,TaskSubtype,CompletedDateTime
00TA,003A,006A,"Call, then write",2024-02-10,Completed,005A,"He ""said"" yes",false,001A,Call,2024-02-11T09:00:00.000Z
00TB,,001A,,2031-02-10,Not Started,005A,,false,001A,Task,
""",
}

HUBSPOT = {
    "hubspot-crm-exports-all-companies-2024-04-01.csv": """Record ID,Company name,Company owner,Create Date,Phone Number,City,Country/Region,Industry,Annual Revenue,Number of Employees,Lifecycle Stage
9001,Bluebay Ltd,Robin Reed,2024-01-02 09:30,,Oslo,Norway,COMPUTER_SOFTWARE,1250000,40,Customer
9002,"Harbour
Lotteries",,2023-11-12 14:00,555 01,,,,,,Lead
""",
    "hubspot-crm-exports-all-contacts-2024-04-01.csv": """Record ID,First Name,Last Name,Email,Phone Number,Job Title,Associated Company IDs
8001,Priya,Vale,priya@bluebay.test,,Buyer,9001
8002,,,tom@harbour.test,,,9999;9002
""",
    "My pipeline.csv": """Record ID,Deal Name,Pipeline,Deal Stage,Amount,Currency,Close Date,Create Date,Deal owner,Associated Company IDs,Associated Company
7001,Portal,Sales Pipeline,Closed won,12500,EUR,2024-03-05 14:33,2024-01-10 09:05,Robin Reed,9001,Bluebay Ltd
7002,Slots,Sales Pipeline,Contract sent,1234.5,USD,2031-06-30 22:00,2024-02-01 10:00,Sage Stone,9999;9002,
7003,Cards,Sales Pipeline,Qualified To Buy,,,,2024-02-01 10:00,,8888,
7004,Odd,Sales Pipeline,Piloting,5,USD,,2024-02-01 10:00,,,
7005,Lost one,Sales Pipeline,closedlost,7,USD,2024-01-31 23:59,2024-02-01 10:00,Robin Reed,,Bluebay Ltd
""",
}

PIPEDRIVE = {
    "organizations-11111-1.csv": """Organization - ID,Organization - Name,Organization - Address,Organization - Country of Address,Organization - Owner
1,Pebble & Sons,"1 Quay Street, Bergen",Norway,Robin Reed
2,Quarry Lane,,,
3,Quarry Lane,,Kenya,Robin Reed
""",
    "people-11111-2.csv": """Person - ID,Person - Name,Person - Organization,Person - Email - Work,Person - Email - Home,Person - Phone - Work
10,Sol Vik,Pebble & Sons,,sol@home.test,+47 1
11,Ana Moor,,,,
""",
    "deals-11111-3.csv": """Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Organization,Deal - Owner,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time,Deal - Lost reason,Deal - Expected close date
100,Roof,12500,EUR,Pebble & Sons,Robin Reed,Demo Scheduled,Won,2024-01-10 09:05:33,2024-03-05 14:33:07,,,2024-03-31
101,Wall,300,NOK,Quarry Lane,Sage Stone,Proposal Made,Lost,2024-01-15 09:05:33,,2024-02-01 08:00:00,Too dear,
102,Fence,0,EUR,Nowhere Inc,,Lead In,Open,2024-02-01 00:00:00,,,,2031-01-31
103,Gate,7,EUR,,Sage Stone,Piloting,Open,2024-02-01 00:00:00,,,,
104,Bin,7,EUR,,Sage Stone,Lead In,Deleted,2024-02-01 00:00:00,,,,
""",
    "activities-11111-4.csv": """Activity - ID,Activity - Subject,Activity - Type,Activity - Due date,Activity - Note,Activity - Assigned to user,Activity - Organization,Activity - Deal ID,Activity - Marked as done time
500,Lunch at the quay,Lunch,2024-02-10,,Robin Reed,Pebble & Sons,100,2024-02-10 13:30:00
501,,Call,2031-02-10,,Kim Frost,,,
""",
}

SALES = {"salesforce": SALESFORCE, "hubspot": HUBSPOT, "pipedrive": PIPEDRIVE}
VENDORS = SALES | {"zendesk": ZENDESK_CSV, "zendesk json": ZENDESK_JSON, "mailchimp": MAILCHIMP}
"""Exports by vendor; the first word is the shipped mapping."""
