from signatories.models.application import (
    Application,
    ApplicationState,
    Supporter,
    SupporterKind,
    SupporterState,
)
from signatories.models.organisation import Organisation, OrganisationKind, OrganisationName, Region
from signatories.models.pledge_maker import (
    Invitation,
    Leader,
    Membership,
    PledgeMaker,
    PledgeMakerAddress,
    PledgeMakerOrganisation,
    PledgeMakerWord,
    Role,
)
from signatories.models.reach import ReachAlarm
from signatories.models.statement import (
    ChangesAsked,
    Objective,
    Plan,
    PledgeWording,
    Signature,
    Statement,
    StatementState,
)

__all__ = [
    "Application",
    "ApplicationState",
    "ChangesAsked",
    "Invitation",
    "Leader",
    "Membership",
    "Objective",
    "Organisation",
    "OrganisationKind",
    "OrganisationName",
    "Plan",
    "PledgeMaker",
    "PledgeMakerAddress",
    "PledgeMakerOrganisation",
    "PledgeMakerWord",
    "PledgeWording",
    "ReachAlarm",
    "Region",
    "Role",
    "Signature",
    "Statement",
    "StatementState",
    "Supporter",
    "SupporterKind",
    "SupporterState",
]
