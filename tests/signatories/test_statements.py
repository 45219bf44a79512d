import pytest
from tests.factories.signatories import make_statement, make_public_pledge_maker
pytestmark = pytest.mark.django_db
def test_x():
    assert make_statement(state="superseded").state == "superseded"
    make_public_pledge_maker()
