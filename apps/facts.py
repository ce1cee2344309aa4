"""The failures a person can do something about: their sentence is shown as it is."""

from apps.children import JobFailed
from apps.identity.outside import ProviderUnreadable
from apps.identity.proxies import ProxyUnreadable
from apps.supervisor import CannotStay
from ml.language.cases import CasesUnreadable
from warehouse.connectors.catalogue import UnknownVendor
from warehouse.demo.crew import MakingFailed
from warehouse.demo.install import UnknownCompany
from warehouse.demo.load import DemoNotInProduction, DemoSlugTaken
from warehouse.extracts.guard import Refused
from warehouse.extracts.process import ExtractUnreadable, QueryFailed, TooSlow, WorkerLost
from warehouse.extracts.publish import OrganizationDeparted
from warehouse.imports.mapping import ImportProblem
from warehouse.lake.connection import LakeMissing, LakeUnreadable, SnapshotGone
from warehouse.lake.extensions import ExtensionMissing
from warehouse.lake.writer import LakeLocked
from warehouse.metrics.answer import TooManyRows
from warehouse.metrics.catalogue import Unknown
from warehouse.metrics.receipts import ReceiptUnknown
from warehouse.metrics.serving import NoExtract
from warehouse.metrics.shape import NotShapely
from warehouse.oltp.engine import StoreBusy, StoreMissing
from warehouse.operations.anchors import AnchorsUnreadable
from warehouse.operations.declare import NotAllowedNow, NotFound, StaleVersion
from warehouse.operations.departure import DepartureUnfinished, NoCertificate
from warehouse.operations.identity import NotAMember
from warehouse.operations.organization import UnknownOrganization
from warehouse.own_metrics import NoMetric
from warehouse.secrets import KeyMissing
from warehouse.tenancy import Forbidden

FACTS: tuple[type[Exception], ...] = (
    AnchorsUnreadable,
    CannotStay,
    CasesUnreadable,
    DemoNotInProduction,
    DemoSlugTaken,
    UnknownCompany,
    DepartureUnfinished,
    ExtensionMissing,
    ExtractUnreadable,
    Forbidden,
    ImportProblem,
    JobFailed,
    KeyMissing,
    LakeLocked,
    LakeMissing,
    LakeUnreadable,
    MakingFailed,
    NoCertificate,
    NoExtract,
    NoMetric,
    NotAMember,
    NotAllowedNow,
    NotFound,
    NotShapely,
    OrganizationDeparted,
    ProviderUnreadable,
    ProxyUnreadable,
    QueryFailed,
    ReceiptUnknown,
    Refused,
    SnapshotGone,
    StaleVersion,
    StoreBusy,
    StoreMissing,
    TooManyRows,
    TooSlow,
    Unknown,
    UnknownOrganization,
    UnknownVendor,
    WorkerLost,
)
