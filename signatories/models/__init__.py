from signatories.models.organisation import Organisation, OrganisationKind, OrganisationName, Region
from signatories.models.pledge_maker import (
    Invitation,
    Leader,
    Membership,
    PledgeMaker,
    PledgeMakerAddress,
    PledgeMakerOrganisation,
    Role,
)
from signatories.models.statement import (
    Objective,
    Plan,
    PledgeWording,
    Signature,
    Statement,
    StatementState,
)

__all__ = [
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
    "PledgeWording",
    "Region",
    "Role",
    "Signature",
    "Statement",
    "StatementState",
]
