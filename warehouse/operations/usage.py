"""What programs may tell about how customers use what they have."""

from warehouse.oltp.usage import UsageEvent
from warehouse.operations.register import note

note_usage = note(UsageEvent, room="usage", noun="usage")
