"""Enterprise Multipass: identities, wallets, sign-in, modules, markets, events and hardware passes."""
