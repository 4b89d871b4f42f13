"""What customers say after a parcel arrived, asked once (procedure step A16)."""
