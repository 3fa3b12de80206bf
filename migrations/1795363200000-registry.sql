-- Roles, and what the operator registers: taxpayers, premises, terminals, invitations, parameters, tax rates.
-- migrate:up

-- Groups without log-in. Whoever installs makes log-in users as members of them; the tables belong to the migrator.
DO $$
DECLARE
  group_role text;
BEGIN
  FOREACH group_role IN ARRAY ARRAY['tax_control_server', 'tax_control_operator', 'tax_control_auditor'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = group_role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', group_role);
    END IF;
  END LOOP;
EXCEPTION
  -- Two databases of one cluster may be migrated at the same moment; the role is there then, which is all we want.
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tax_control_server, tax_control_operator, tax_control_auditor;

-- Which environment this database serves for ever: a code of the test environment begins with 9.
CREATE TABLE installation (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  environment text NOT NULL CHECK (environment IN ('production', 'test')),
  installed_at timestamptz NOT NULL DEFAULT now()
);

CREATE DOMAIN identifier AS text CHECK (VALUE ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');

CREATE TABLE taxpayer (
  taxpayer_id identifier PRIMARY KEY,
  name text NOT NULL CHECK (name <> ''),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE premises (
  premises_id identifier PRIMARY KEY,
  taxpayer_id identifier NOT NULL REFERENCES taxpayer,
  name text NOT NULL CHECK (name <> ''),
  region text NOT NULL CHECK (region <> ''),
  activity text NOT NULL CHECK (activity <> ''),
  address text NOT NULL CHECK (address <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (premises_id, taxpayer_id)
);

-- A terminal stands in one premises of one taxpayer for life: there is no grant to change either.
CREATE TABLE terminal (
  terminal_id identifier PRIMARY KEY,
  premises_id identifier NOT NULL,
  taxpayer_id identifier NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'revoked')),
  status_reason text,
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  registered_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (premises_id, taxpayer_id) REFERENCES premises (premises_id, taxpayer_id)
);

-- Every certificate a terminal ever had: old ones go on verifying what they signed.
CREATE TABLE terminal_certificate (
  thumbprint text PRIMARY KEY CHECK (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
  terminal_id identifier NOT NULL REFERENCES terminal,
  serial text NOT NULL UNIQUE,
  der bytea NOT NULL,
  not_before timestamptz NOT NULL,
  not_after timestamptz NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  revocation_reason text
);
CREATE INDEX terminal_certificate_terminal ON terminal_certificate (terminal_id);

-- One secret for one enrolment. The same key may come again with it (a lost answer burns nothing).
CREATE TABLE invitation (
  invitation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  terminal_id identifier NOT NULL REFERENCES terminal,
  secret_digest bytea NOT NULL CHECK (octet_length(secret_digest) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  wrong_tries integer NOT NULL DEFAULT 0,
  locked_at timestamptz,
  used_at timestamptz,
  key_digest bytea CHECK (octet_length(key_digest) = 32),
  thumbprint text REFERENCES terminal_certificate
);
CREATE INDEX invitation_terminal ON invitation (terminal_id);

-- Settings of the tills; each change is a new version, none is overwritten.
CREATE TABLE parameters_version (
  version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  settings jsonb NOT NULL,
  published_at timestamptz(3) NOT NULL DEFAULT now()
);

-- Rates in per cent as decimal strings. `valid_until` is the last business day, inclusive. Only a rate that no till anywhere
-- can have applied yet may be taken back (the command holds that; the trigger holds it against everything else).
CREATE TABLE tax_rate (
  category identifier NOT NULL,
  rate text NOT NULL CHECK (rate ~ '^(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?$'),
  valid_from date NOT NULL,
  valid_until date,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (category, valid_from),
  CHECK (valid_until IS NULL OR valid_until >= valid_from)
);

-- East of Greenwich a business day begins up to fourteen hours before it does in UTC.
CREATE FUNCTION keep_applied_tax_rate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.valid_from <= (now() AT TIME ZONE 'UTC' + interval '14 hours')::date THEN
    RAISE EXCEPTION 'a tax rate that may have been applied stays' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END
$$;
CREATE TRIGGER keep_applied_tax_rate BEFORE DELETE ON tax_rate FOR EACH ROW EXECUTE FUNCTION keep_applied_tax_rate();

GRANT SELECT ON ALL TABLES IN SCHEMA public TO tax_control_server, tax_control_operator, tax_control_auditor;
GRANT INSERT ON installation, terminal_certificate TO tax_control_server;
GRANT UPDATE (wrong_tries, locked_at, used_at, key_digest, thumbprint) ON invitation TO tax_control_server;
GRANT INSERT ON installation, taxpayer, premises, terminal, invitation, parameters_version, tax_rate TO tax_control_operator;
GRANT UPDATE (name) ON taxpayer TO tax_control_operator;
GRANT UPDATE (name, region, activity, address) ON premises TO tax_control_operator;
GRANT UPDATE (status, status_reason, status_changed_at) ON terminal TO tax_control_operator;
GRANT UPDATE (revoked_at, revocation_reason) ON terminal_certificate TO tax_control_operator;
GRANT UPDATE (expires_at, locked_at) ON invitation TO tax_control_operator;
GRANT UPDATE (valid_until), DELETE ON tax_rate TO tax_control_operator;

-- migrate:down
DROP TABLE tax_rate, parameters_version, invitation, terminal_certificate, terminal, premises, taxpayer, installation;
DROP FUNCTION keep_applied_tax_rate();
DROP DOMAIN identifier;
