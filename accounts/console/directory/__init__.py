"""The directory: the rules for operators' actions on the user pool, the actions and the pages."""
