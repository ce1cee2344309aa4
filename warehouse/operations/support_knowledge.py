"""What people may do with the knowledge base."""

from typing import Any

from sqlalchemy import select

from warehouse.oltp.support_knowledge import (
    ARTICLE_FLOW,
    ArticleStatus,
    KnowledgeArticle,
    KnowledgeArticleVersion,
    KnowledgeArticleView,
)
from warehouse.operations.declare import Work
from warehouse.operations.register import append, keep, move, note


def _keep_text(work: Work, article: KnowledgeArticle) -> None:
    """A text that differs from the last one kept is a version of its own."""
    last = work.session.scalars(
        select(KnowledgeArticleVersion)
        .where(KnowledgeArticleVersion.article_id == article.id)
        .order_by(KnowledgeArticleVersion.article_version.desc())
        .limit(1)
    ).one_or_none()
    if last and (last.title, last.body) == (article.title, article.body):
        return
    article.article_version = last.article_version + 1 if last else 1
    append(
        work,
        KnowledgeArticleVersion(
            article_id=article.id,
            article_version=article.article_version,
            title=article.title,
            body=article.body,
            edited_by=work.actor.membership_id,
        ),
    )


def _publish(work: Work, article: KnowledgeArticle, _was: ArticleStatus, _request: Any) -> None:
    article.published_at = work.now if article.status is ArticleStatus.PUBLISHED else None


articles = keep(
    KnowledgeArticle,
    room="support",
    noun="article",
    computed=("status", "published_at", "article_version"),
    after=_keep_text,
)
move_article = move(KnowledgeArticle, room="support", noun="article", flow=ARTICLE_FLOW, after=_publish)
note_view = note(KnowledgeArticleView, room="support", noun="article view", filled=("viewed_at",))
