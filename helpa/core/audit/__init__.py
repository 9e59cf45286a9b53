"""The audit log: who did what to which object, in a Merkle tree that shows tampering."""
