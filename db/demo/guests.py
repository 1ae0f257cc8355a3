"""Who comes to the demo's meetings, and what they told: invented, at addresses that reach nobody."""

from __future__ import annotations

# Name, e-mail, time zone.
GUESTS = (
    ("Catarina Lopes", "catarina.lopes@example.com", "Europe/Lisbon"),
    ("Pedro Gaspar", "pedro.gaspar@example.com", "Europe/Lisbon"),
    ("Maria do Carmo Reis", "mc.reis@example.org", "Europe/Lisbon"),
    ("Hugo Salgado", "hugo.salgado@example.com", "Europe/Lisbon"),
    ("Lourdes Figueira", "lourdes.figueira@example.net", "Atlantic/Madeira"),
    ("André Queirós", "andre.queiros@example.com", "Europe/Lisbon"),
    ("Yara Monteiro", "yara.monteiro@example.org", "Atlantic/Cape_Verde"),
    ("Bruno Cardoso", "bruno.cardoso@example.com", "Europe/Paris"),
    ("Filipa Rebelo", "filipa.rebelo@example.com", "Europe/Lisbon"),
    ("Otávio Lima", "otavio.lima@example.net", "America/Sao_Paulo"),
    ("Rosa Caldeira", "rosa.caldeira@example.com", "Atlantic/Azores"),
    ("Nuno Vilela", "nuno.vilela@example.org", "Europe/Lisbon"),
    ("Margarida Seixas", "margarida.seixas@example.com", "Europe/Lisbon"),
    ("Emil Johansson", "emil.johansson@example.net", "Europe/Stockholm"),
    ("Teresa Patrício", "teresa.patricio@example.com", "Europe/Lisbon"),
    ("Vasco Amaral", "vasco.amaral@example.com", "Europe/Lisbon"),
    ("Aoife Brennan", "aoife.brennan@example.org", "Europe/Dublin"),
    ("Zulmira Tavares", "zulmira.tavares@example.com", "Europe/Luxembourg"),
    ("Simão Pacheco", "simao.pacheco@example.net", "Atlantic/Azores"),
)

# Health data, as guests write it. Most write nothing.
NOTES = (
    "Sleeping four hours since the move. Coffee until six in the evening, I know.",
    "Second visit after the surgery in spring; the left knee clicks on stairs.",
    "Allergic to penicillin. Please no calls during school hours.",
    "I would rather not talk about my father in the first session.",
    "Lost six kilos without trying. The family doctor asked for blood tests, results attached to the e-mail.",
    "Panic on the bridge again, twice last week. It passes after the toll.",
    "Taking sertraline 50 mg since March, it helps.",
    "My voice is gone by Thursday. I teach twenty-seven six-year-olds.",
    "Half marathon in eight weeks. Shin pain after ten kilometres.",
    "We agreed to come. We did not agree on why.",
    "Coeliac, diagnosed last year; travelling to Italy in a month and a little afraid of it.",
)

REASONS = ("Has a fever", "The ferry was cancelled", "Found an earlier date", "Work trip", "Feels better already")
