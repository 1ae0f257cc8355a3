"""What seeded rows are called: every name invented, every address one that reaches nobody."""

from __future__ import annotations

import unicodedata

FIRST_NAMES = (
    "Ana", "António", "Beatriz", "Bernardo", "Carlota", "Clara", "Daniel", "Diana", "Eduardo", "Elsa", "Fátima",
    "Filipe", "Francisca", "Gabriel", "Glória", "Henrique", "Inês", "Isaura", "Joana", "Jorge", "Júlia", "Lara",
    "Leonor", "Lourenço", "Luísa", "Mafalda", "Manuel", "Marta", "Mateus", "Natália", "Olga", "Pedro", "Rita",
    "Rodrigo", "Salvador", "Sílvia", "Tomás", "Vera", "Xavier", "Zita",
)  # fmt: skip
LAST_NAMES = (
    "Abreu", "Azevedo", "Barros", "Brandão", "Cabral", "Castro", "Correia", "Coutinho", "Dias", "Esteves", "Faria",
    "Fontes", "Freitas", "Garcia", "Henriques", "Jardim", "Leal", "Lobo", "Macedo", "Magalhães", "Matos", "Mendes",
    "Moreira", "Neves", "Nóbrega", "Oliveira", "Pacheco", "Pinto", "Quintela", "Ramos", "Ribeiro", "Rocha", "Sá",
    "Santos", "Serra", "Simões", "Torres", "Valente", "Veloso", "Xavier",
)  # fmt: skip
KINDS = ("Clínica", "Consultório", "Centro", "Espaço", "Casa")
HOUSES = ("Aurora", "do Cais", "Miradouro", "das Oliveiras", "Maresia", "da Ponte", "Alvorada", "do Jardim", "Sálvia")
ZONES = ("Europe/Lisbon",) * 6 + ("Atlantic/Azores", "Atlantic/Madeira", "Europe/Madrid", "Europe/Paris")

# Category, name, minutes, euro cents: nothing lasts longer than the hour of a host's grid.
SERVICES = (
    ("psychology", "Psychotherapy", 50, 7000),
    ("physiotherapy", "Treatment session", 60, 5500),
    ("family-medicine", "Consultation", 30, 6000),
    ("clinical-nutrition", "Nutrition plan", 60, 6500),
    ("psychiatry", "First consultation", 60, 11000),
    ("osteopathy", "Osteopathy", 45, 5000),
    ("speech-therapy", "Speech session", 45, 4500),
    ("couples-therapy", "Session for a couple", 60, 9000),
    ("dermatology", "Skin check", 20, 8000),
    ("psychology", "First phone call", 15, 0),
    ("sports-nutrition", "Check-in", 25, 3000),
    ("psychiatry", "Follow-up", 30, 6500),
)
NOTES = (
    "First time here.",
    "Back pain since the summer, worse in the morning.",
    "Please call when you are running late.",
    "Sleeping badly again.",
    "Bringing the results of the blood tests.",
    "Allergic to penicillin.",
    "I would prefer to sit by the window.",
)
REASONS = ("Has a fever", "Work trip", "Found an earlier date", "Feels better already")


def word(name: str) -> str:
    """`name` as it stands in an address: `Luísa` → `luisa`, `das Oliveiras` → `das-oliveiras`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "-")
