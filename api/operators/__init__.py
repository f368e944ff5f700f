"""`operators`: the directory and the audit trail, for members of the staff groups."""
