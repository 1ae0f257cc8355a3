"""Who is in the demo: three organizations and thirteen people, all invented."""

from __future__ import annotations

from dataclasses import dataclass

# A clinical director reads the notes of others; WorkOS grants that to nobody by default.
DIRECTOR = (
    "organization:manage", "members:manage", "events:manage", "schedules:manage", "profiles:manage",
    "appointments:view", "appointments:manage", "payments:view", "payments:manage", "audit:view", "records:read",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Organization:
    """A place to work; `timezone` is an IANA name."""

    slug: str
    name: str
    type: str
    timezone: str

    @property
    def workos_org_id(self) -> str:
        return f"org_demo_{self.slug.replace('-', '_')}"


@dataclass(frozen=True, slots=True)
class Service:
    """A bookable event of one host: minutes and euro cents. `state` is open, closed or archived."""

    slug: str
    name: str
    minutes: int
    cents: int
    description: str
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Membership:
    """What one person is in one organization; who has `services` hosts, on `days` (0 is Monday)."""

    organization: str
    role: str
    status: str = "active"
    days: tuple[int, ...] = ()
    category: str | None = None
    headline: str = ""
    bio: str = ""
    services: tuple[Service, ...] = ()
    permissions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to sign in as; `shows` says what one sees then."""

    first_name: str
    last_name: str
    email: str
    shows: str
    memberships: tuple[Membership, ...]

    @property
    def username(self) -> str:
        return self.email.partition("@")[0].replace(".", "-")

    @property
    def workos_user_id(self) -> str:
        return f"user_demo_{self.username.replace('-', '_')}"


LUMEN = "clinica-lumen"
RIBEIRA = "consultorio-ribeira"
VAZ = "leonor-vaz"

ORGANIZATIONS = (
    Organization(LUMEN, "Clínica Lumen", "clinic", "Europe/Lisbon"),
    Organization(RIBEIRA, "Consultório Ribeira", "clinic", "Europe/Lisbon"),
    Organization(VAZ, "Leonor Vaz, Nutrição", "expert_individual", "Atlantic/Azores"),
)

PEOPLE = (
    Person(
        "Ana", "Sousa", "ana.sousa@clinica-lumen.example",
        "the owner of the clinic in Lisbon, and its clinical director: everything there, notes of colleagues included",
        (Membership(
            LUMEN, "owner", days=(0, 2), category="psychiatry", permissions=DIRECTOR,
            headline="Psychiatrist and clinical director",
            bio="I opened Lumen above a bakery in Campo de Ourique. We still schedule around the first batch of bread.",
            services=(
                Service("first-consultation", "First psychiatric consultation", 60, 11000,
                        "An hour to hear the whole story. Bring the list of what you take, even the teas."),
                Service("follow-up", "Follow-up", 30, 6500, "How the month went, and what we change."),
            ),
        ),),
    ),
    Person(
        "Tiago", "Marques", "tiago.marques@clinica-lumen.example",
        "an admin who hosts nothing: the front desk that sees every appointment of the clinic",
        (Membership(LUMEN, "admin"),),
    ),
    Person(
        "Inês", "Carvalho", "ines.carvalho@clinica-lumen.example",
        "a member of the clinic: her own appointments and notes, nobody else's",
        (Membership(
            LUMEN, "member", days=(0, 1, 3, 4), category="physiotherapy",
            headline="Physiotherapist, knees and backs",
            bio="Former rower on the Tejo. I treat runners, gardeners, and people who lifted one sofa too many.",
            services=(
                Service("assessment", "Movement assessment", 45, 5500,
                        "We find out what hurts, when, and what you would like to do again."),
                Service("treatment", "Treatment session", 60, 6000, "Hands, exercises, and homework you will do."),
                Service("running-analysis", "Running analysis", 60, 7500,
                        "On the treadmill, filmed. Paused while the treadmill is being repaired.", "closed"),
            ),
        ),),
    ),
    Person(
        "Rui", "Fonseca", "rui.fonseca@clinica-lumen.example",
        "another member of the clinic: what Inês cannot see",
        (Membership(
            LUMEN, "member", days=(1, 2, 4), category="psychology",
            headline="Clinical psychologist, anxiety and sleep",
            bio="I work with people who count sheep, and with the sheep.",
            services=(
                Service("psychotherapy", "Psychotherapy", 50, 7000, "Fifty minutes, weekly, at the same hour."),
                Service("sleep-programme", "Sleep programme", 50, 7500, "Six sessions to make peace with the night."),
                Service("phone-call", "First phone call", 15, 0, "Fifteen minutes, free: is this the right place?"),
            ),
        ),),
    ),
    Person(
        "Helena", "Duarte", "helena.duarte@clinica-lumen.example",
        "the billing admin of the clinic: every payment transfer, no appointment",
        (Membership(LUMEN, "billing_admin"),),
    ),
    Person(
        "Miguel", "Antunes", "miguel.antunes@clinica-lumen.example",
        "suspended by the clinic: his sign-in there is refused, though his past appointments are kept",
        (Membership(
            LUMEN, "member", "suspended", days=(3,), category="dermatology",
            headline="Dermatologist",
            bio="On leave.",
            services=(Service("mole-check", "Mole check", 30, 8000, "Head to toe, under a good lamp.", "archived"),),
        ),),
    ),
    Person(
        "Beatriz", "Nogueira", "beatriz.nogueira@consultorio-ribeira.example",
        "in two organizations: a member in Lisbon, an admin in Porto; the switch changes what she sees",
        (
            Membership(
                RIBEIRA, "admin", days=(2, 3, 4), category="psychology",
                headline="Psychologist, adolescents and their parents",
                bio="Porto from Wednesday to Friday. The rest of the week I am on the train, or in Lisbon.",
                services=(
                    Service("teen-session", "Session for a teenager", 50, 6000, "Parents wait in the café next door."),
                    Service("parents-hour", "An hour for parents", 60, 6500, "Without the teenager. With tea."),
                ),
            ),
            Membership(
                LUMEN, "member", days=(0, 1), category="psychology",
                headline="Psychologist, adolescents",
                bio="In Lisbon on Mondays and Tuesdays.",
                services=(Service("teen-session-lisbon", "Session for a teenager", 50, 7000, "In Campo de Ourique."),),
            ),
        ),
    ),
    Person(
        "João", "Teixeira", "joao.teixeira@consultorio-ribeira.example",
        "the owner of the therapy practice in Porto",
        (Membership(
            RIBEIRA, "owner", days=(0, 1, 3), category="couples-therapy",
            headline="Couples therapist",
            bio="Two armchairs and a window over the Douro. Most quarrels are about the dishwasher; few are.",
            services=(
                Service("couple-session", "Session for a couple", 60, 9000, "Both of you, for an hour, unhurried."),
                Service("individual-session", "Session for one", 50, 6500, "When only one of you wants to come."),
            ),
        ),),
    ),
    Person(
        "Sofia", "Almeida", "sofia.almeida@consultorio-ribeira.example",
        "a member of the practice in Porto",
        (Membership(
            RIBEIRA, "member", days=(0, 1, 2), category="speech-therapy",
            headline="Speech therapist, voices and stutters",
            bio="I teach teachers to keep their voice until June.",
            services=(
                Service("voice-assessment", "Voice assessment", 45, 5000, "Sing, whisper, read aloud."),
                Service("speech-session", "Speech session", 45, 4500, "Practice that sounds like conversation."),
            ),
        ),),
    ),
    Person(
        "Duarte", "Pires", "duarte.pires@consultorio-ribeira.example",
        "invited to Porto and not arrived yet: a pending membership opens no door",
        (Membership(RIBEIRA, "member", "pending"),),
    ),
    Person(
        "Leonor", "Vaz", "leonor.vaz@leonor-vaz.example",
        "on her own in Ponta Delgada, an hour behind the mainland: the owner of a practice of one",
        (Membership(
            VAZ, "owner", days=(0, 1, 2, 3), category="clinical-nutrition",
            headline="Nutritionist",
            bio="Volcanic soil, good cheese, honest numbers. I see most people by video, some on the pier.",
            services=(
                Service("nutrition-plan", "Nutrition plan", 60, 7000, "What you eat, what you like, what we change."),
                Service("check-in", "Check-in", 25, 3000, "Twenty-five minutes, every three weeks."),
            ),
        ),),
    ),
    Person(
        "Matilde", "Vaz", "matilde.vaz@leonor-vaz.example",
        "Leonor's sister, an admin: keeps the calendar and never the diet",
        (Membership(VAZ, "admin"),),
    ),
    Person(
        "Gonçalo", "Brito", "goncalo.brito@leonor-vaz.example",
        "a member with a handful of appointments: Leonor's trainee",
        (Membership(
            VAZ, "member", days=(4,), category="sports-nutrition",
            headline="Sports nutritionist in training",
            bio="Surfs before work. Explains carbohydrates patiently.",
            services=(Service("athlete-plan", "Plan for athletes", 45, 4000, "Before the race, not on the day."),),
        ),),
    ),
)  # fmt: skip
