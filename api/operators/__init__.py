"""`operators`: the user pool and the audit trail, for members of the staff groups."""
