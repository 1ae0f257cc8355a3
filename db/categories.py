"""Fields of practice that demo and seeded hosts work in: the same rows for both."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import text

from db.scope import Transaction

# Each field, its parent and what a visitor reads of it. A parent stands before its children.
CATEGORIES: dict[str, tuple[str | None, str, str]] = {
    "medicine": (None, "Medicine", "Seeing a doctor"),
    "family-medicine": ("medicine", "Family medicine", "The doctor who knows the whole of you"),
    "dermatology": ("medicine", "Dermatology", "Skin, hair and nails"),
    "mental-health": (None, "Mental health", "Mind, mood and the people around us"),
    "psychiatry": ("mental-health", "Psychiatry", "Diagnosis and medication"),
    "psychology": ("mental-health", "Clinical psychology", "Psychotherapy for adults"),
    "couples-therapy": ("mental-health", "Couples therapy", "Two people, one conversation"),
    "speech-therapy": ("mental-health", "Speech therapy", "Voice, language and swallowing"),
    "movement": (None, "Movement", "Bones, joints and muscles"),
    "physiotherapy": ("movement", "Physiotherapy", "Rehabilitation after injury and surgery"),
    "osteopathy": ("movement", "Osteopathy", "Hands-on treatment of pain"),
    "nutrition": (None, "Nutrition", "Eating well"),
    "clinical-nutrition": ("nutrition", "Clinical nutrition", "Food as part of a treatment"),
    "sports-nutrition": ("nutrition", "Sports nutrition", "Food for those who train"),
}

INSERT = text("""
insert into app.categories (id, parent_id, slug, name, description)
values (:id, (select c.id from app.categories c where c.slug = cast(:parent as text)), :slug, :name, :description)
on conflict do nothing
""")


async def ensure_categories(transaction: Transaction) -> dict[str, UUID]:
    """The id of every field by its slug; what is there already stays as it is."""
    for slug, (parent, name, description) in CATEGORIES.items():
        row = {"id": uuid5(NAMESPACE_URL, f"orgraph:category:{slug}"), "parent": parent}
        await transaction.execute(INSERT, row | {"slug": slug, "name": name, "description": description})
    rows = await transaction.execute(text("select slug, id from app.categories"))
    return {row.slug: row.id for row in rows}
