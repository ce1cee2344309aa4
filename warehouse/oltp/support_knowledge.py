"""What we know and write down, for customers and for ourselves, and which tickets it answered."""

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.oltp.base import BUSINESS, PERSONAL, Base, HistoryRow, Record, in_organization, owned_key, within
from warehouse.oltp.states import Flow, State
from warehouse.oltp.types import Id


class ArticleStatus(State):
    """Where an article stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


ARTICLE_FLOW: Flow = {
    ArticleStatus.DRAFT: {ArticleStatus.PUBLISHED, ArticleStatus.ARCHIVED},
    ArticleStatus.PUBLISHED: {ArticleStatus.DRAFT, ArticleStatus.ARCHIVED},
    ArticleStatus.ARCHIVED: {ArticleStatus.DRAFT},
}


class ArticleVisibility(State):
    """Who may read an article."""

    PUBLIC = "public"
    INTERNAL = "internal"


class KnowledgeArticle(Record, Base):
    """An answer that is written once."""

    __tablename__ = "knowledge_articles"
    __table_args__ = (
        owned_key(),
        UniqueConstraint("organization_id", "slug"),
        in_organization("author_id", "memberships"),
        within("article_version", least=1),
    )

    slug: Mapped[str] = mapped_column(String(100), info=BUSINESS)
    title: Mapped[str] = mapped_column(info=PERSONAL)
    body: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    category: Mapped[str | None] = mapped_column(String(100), info=BUSINESS)
    language: Mapped[str | None] = mapped_column(String(10), info=BUSINESS)
    status: Mapped[ArticleStatus] = mapped_column(default=ArticleStatus.DRAFT, info=BUSINESS)
    visibility: Mapped[ArticleVisibility] = mapped_column(default=ArticleVisibility.INTERNAL, info=BUSINESS)
    author_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    published_at: Mapped[datetime | None] = mapped_column(info=BUSINESS)
    article_version: Mapped[int] = mapped_column(default=1, info=BUSINESS)
    """Counts the texts it had, not the edits of its other fields."""


class KnowledgeArticleVersion(HistoryRow, Base):
    """The text an article had from a moment on."""

    __tablename__ = "knowledge_article_versions"
    __table_args__ = (
        UniqueConstraint("organization_id", "article_id", "article_version"),
        in_organization("article_id", "knowledge_articles"),
    )

    article_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    article_version: Mapped[int] = mapped_column(info=BUSINESS)
    title: Mapped[str] = mapped_column(info=PERSONAL)
    body: Mapped[str | None] = mapped_column(Text, info=PERSONAL)
    edited_by: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)


class KnowledgeArticleView(HistoryRow, Base):
    """Somebody read an article, and perhaps said whether it helped."""

    __tablename__ = "knowledge_article_views"
    __table_args__ = (
        in_organization("article_id", "knowledge_articles"),
        in_organization("customer_id", "customers"),
    )

    article_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    customer_id: Mapped[str | None] = mapped_column(Id(), info=BUSINESS)
    viewed_at: Mapped[datetime] = mapped_column(info=BUSINESS)
    was_helpful: Mapped[bool | None] = mapped_column(info=BUSINESS)


class TicketArticle(Record, Base):
    """An article that was used on a ticket."""

    __tablename__ = "ticket_articles"
    __table_args__ = (
        UniqueConstraint("organization_id", "ticket_id", "article_id"),
        in_organization("ticket_id", "tickets"),
        in_organization("article_id", "knowledge_articles"),
    )

    ticket_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
    article_id: Mapped[str] = mapped_column(Id(), index=True, info=BUSINESS)
