-- Wrong secrets are counted and shown, and lock nothing: 192 random bits cannot be guessed, and a lock would be anybody's to set.
-- migrate:up
ALTER TABLE invitation DROP COLUMN locked_at, ADD COLUMN last_wrong_try_at timestamptz;
GRANT UPDATE (last_wrong_try_at) ON invitation TO tax_control_server;

-- migrate:down
ALTER TABLE invitation DROP COLUMN last_wrong_try_at, ADD COLUMN locked_at timestamptz;
GRANT UPDATE (locked_at) ON invitation TO tax_control_server, tax_control_operator;
