"""What people may do with the people who speak for a customer."""

from warehouse.oltp.customers import Contact
from warehouse.operations.register import keep

contacts = keep(Contact, room="customers", noun="contact")
