"""Everything of a company beside sales and billing: campaigns, support, knowledge, applications, usage, benchmarks."""

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.demo.applications import Applications, applications_of, applications_setup, customer_chunks
from warehouse.demo.benchmarks import benchmark_chunks
from warehouse.demo.campaign_rows import campaigns_setup
from warehouse.demo.campaigns import Campaigns, campaigns_of
from warehouse.demo.columns import Chunk, Ids
from warehouse.demo.customers import Customers
from warehouse.demo.desk import Desk, desk_chunks, desk_of
from warehouse.demo.fading import churn_truth, fading_of
from warehouse.demo.interactions import DealsOpened, interaction_chunks, member_chunks
from warehouse.demo.knowledge import Shelf, knowledge_setup, shelf_of, view_chunks
from warehouse.demo.people import People
from warehouse.demo.permissions import permission_chunks
from warehouse.demo.presets import Company
from warehouse.demo.ticket_rows import ticket_chunks
from warehouse.demo.touches import Touches, touches_of
from warehouse.demo.truth import Truth
from warehouse.demo.usage import usage_chunks


@dataclass(frozen=True)
class Setting:
    """What a company has before its first customer comes: all of it planned, whatever `until`."""

    desk: Desk
    shelf: Shelf
    applications: Applications
    campaigns: Campaigns

    def touches(self, company: Company, customers: Customers, seed: int) -> Touches:
        """What campaigns and the customers of a range have to do with each other."""
        return touches_of(company, customers, self.campaigns, seed)


def setting_of(company: Company, seed: int, truth: Truth) -> Setting:
    """The setting of a company; the true effects of its campaigns go to the truth."""
    return Setting(
        desk_of(company, seed),
        shelf_of(company, seed),
        applications_of(company, seed),
        campaigns_of(company, seed, truth),
    )


def setting_chunks(company: Company, people: People, setting: Setting, seed: int) -> Iterator[Chunk]:
    """Rows that name no customer."""
    yield from desk_chunks(company, people, setting.desk, seed)
    yield from knowledge_setup(company, people, setting.shelf, seed)
    yield from applications_setup(company, people, setting.applications, seed)
    yield from campaigns_setup(company, people, setting.campaigns, seed)
    yield from benchmark_chunks(company, people, seed)


def engagement_chunks(
    company: Company, people: People, setting: Setting, customers: Customers, touches: Touches, deals: DealsOpened,
    products: Ids, seed: int, truth: Truth,
) -> Iterator[Chunk]:  # fmt: skip
    """Rows of a range of customers; `deals` are the range's, `products` the company's."""
    desk, shelf, applications = setting.desk, setting.shelf, setting.applications
    fading = fading_of(company, customers, seed)
    churn_truth(company, customers, fading, truth)
    yield from member_chunks(company, customers, setting.campaigns, touches, seed)
    yield from interaction_chunks(company, customers, setting.campaigns, touches, deals, seed)
    yield from permission_chunks(company, customers, touches, seed)
    yield from customer_chunks(company, applications, customers, seed)
    yield from usage_chunks(company, customers, fading, applications, products, seed)
    yield from view_chunks(company, shelf, customers, seed)
    yield from ticket_chunks(company, people, customers, desk, shelf, applications, seed, truth)
