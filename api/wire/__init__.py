"""How requests arrive and answers leave: what Django and Django REST framework are given."""
