"""What to do after the user pool or the database was restored: docs/disaster-drill.md."""
