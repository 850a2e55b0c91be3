"""TrustSphere, the bank on MySQL: users, accounts, transactions, notifications and their audit."""
