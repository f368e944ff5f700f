"""From an empty AWS account to the running application, and every later state: `infra deploy`."""
