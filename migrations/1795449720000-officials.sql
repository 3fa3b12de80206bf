-- Officials of the console: accounts, sessions, delays of sign-in, and the audit trail.
-- migrate:up

-- Never deleted, only disabled: the audit trail names them for ever. `view_members` are regions or taxpayers, as `view_kind` says.
-- A password with an end is a temporary one: it lets its holder set another, and nothing else.
CREATE TABLE official (
  name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9.@_-]{0,63}$'),
  full_name text NOT NULL CHECK (full_name <> ''),
  roles text[] NOT NULL CHECK (
    cardinality(roles) > 0 AND roles <@ ARRAY['official', 'operator', 'administrator', 'supervisor']
  ),
  view_kind text NOT NULL CHECK (view_kind IN ('all', 'regions', 'taxpayers')),
  view_members text[] NOT NULL,
  password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
  password_changed_at timestamptz(3) NOT NULL DEFAULT now(),
  password_expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  last_sign_in_at timestamptz(3),
  disabled_at timestamptz(3),
  CHECK ((view_kind = 'all') = (cardinality(view_members) = 0)),
  -- Whoever gives views to others, or reads what everybody did, would see through a narrower one.
  CHECK (view_kind = 'all' OR NOT roles && ARRAY['administrator', 'supervisor'])
);

-- The token itself is in the browser alone. A session that was ended is gone; that it was there stands in the audit trail.
CREATE TABLE official_session (
  session_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  token_digest bytea NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
  official_name text NOT NULL REFERENCES official,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  last_seen_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  remote_address text NOT NULL,
  user_agent text
);
CREATE INDEX official_session_official ON official_session (official_name);

-- Tries since the last success, of an account's name or of an address, and when the next one is allowed. Digests, because people
-- type passwords where the name belongs, and names that do not exist are delayed like others.
CREATE TABLE sign_in_delay (
  subject bytea PRIMARY KEY CHECK (octet_length(subject) = 32),
  tries integer NOT NULL CHECK (tries > 0),
  last_try_at timestamptz(3) NOT NULL,
  blocked_until timestamptz(3) NOT NULL
);
CREATE INDEX sign_in_delay_last_try ON sign_in_delay (last_try_at);

-- Who did what, for ever. `facts`: names and figures, never secrets.
CREATE TABLE audit_trail (
  trail_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  official_name text REFERENCES official,
  action text NOT NULL CHECK (action ~ '^[a-z][a-z_.]{0,63}$'),
  subject text,
  reason text,
  facts jsonb NOT NULL,
  remote_address text,
  request_id uuid
);
CREATE INDEX audit_trail_official ON audit_trail (official_name, trail_id);
CREATE INDEX audit_trail_action ON audit_trail (action, trail_id);
CREATE INDEX audit_trail_subject ON audit_trail (subject, trail_id) WHERE subject IS NOT NULL;
CREATE INDEX audit_trail_at ON audit_trail (at);

-- An official's view is resolved to premises at each request.
CREATE INDEX premises_region ON premises (region);
CREATE INDEX premises_taxpayer ON premises (taxpayer_id);

GRANT SELECT ON official, official_session, sign_in_delay, audit_trail TO tax_control_server;
GRANT INSERT (name, full_name, roles, view_kind, view_members, password_hash, password_expires_at) ON official
  TO tax_control_server, tax_control_operator;
GRANT UPDATE (full_name, roles, view_kind, view_members, password_hash, password_changed_at, password_expires_at, disabled_at) ON official
  TO tax_control_server, tax_control_operator;
GRANT UPDATE (last_sign_in_at) ON official TO tax_control_server;
GRANT INSERT, DELETE, UPDATE (last_seen_at) ON official_session TO tax_control_server;
GRANT INSERT, DELETE, UPDATE ON sign_in_delay TO tax_control_server;
-- Not `at`, not `trail_id`: no entry can be dated back.
GRANT INSERT (official_name, action, subject, reason, facts, remote_address, request_id) ON audit_trail
  TO tax_control_server, tax_control_operator;

-- Whoever runs the commands has no use for the hashes of passwords.
GRANT SELECT (name, full_name, roles, view_kind, view_members, password_changed_at, password_expires_at, created_at, last_sign_in_at, disabled_at)
  ON official TO tax_control_operator, tax_control_auditor;
GRANT SELECT, DELETE ON official_session, sign_in_delay TO tax_control_operator;
GRANT SELECT ON audit_trail TO tax_control_operator, tax_control_auditor;

-- migrate:down
DROP INDEX premises_region, premises_taxpayer;
DROP TABLE audit_trail, sign_in_delay, official_session, official;
