"""Types that are named before they are declared, since relations run both ways."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

if TYPE_CHECKING:
    from graph.schema.events import Event
    from graph.schema.meetings import Meeting
    from graph.schema.organizations import Organization
    from graph.schema.profiles import Profile
    from graph.schema.users import User

LazyEvent: TypeAlias = Annotated["Event", strawberry.lazy("graph.schema.events")]
LazyMeeting: TypeAlias = Annotated["Meeting", strawberry.lazy("graph.schema.meetings")]
LazyOrganization: TypeAlias = Annotated["Organization", strawberry.lazy("graph.schema.organizations")]
LazyProfile: TypeAlias = Annotated["Profile", strawberry.lazy("graph.schema.profiles")]
LazyUser: TypeAlias = Annotated["User", strawberry.lazy("graph.schema.users")]
