-- What the console looks up and administers.
-- migrate:up

-- What was refused is listed by time.
CREATE INDEX refused_invoice_refused_at ON refused_invoice (refused_at);

-- Which version of the parameters each till has, as far as it asked for them here: a till that got them on a stick is not in it.
CREATE TABLE fetched_parameters (
  terminal_id identifier PRIMARY KEY REFERENCES terminal,
  version integer NOT NULL,
  fetched_at timestamptz(3) NOT NULL
);
GRANT SELECT, INSERT ON fetched_parameters TO tax_control_server;
GRANT UPDATE (version, fetched_at) ON fetched_parameters TO tax_control_server;
GRANT SELECT ON fetched_parameters TO tax_control_operator, tax_control_auditor;

-- Operators administer through the server too; it may do what the operator's command may, and no more. Nothing here is deleted but
-- a tax rate that is not in force yet.
GRANT INSERT ON taxpayer, premises, terminal, invitation, parameters_version, tax_rate TO tax_control_server;
GRANT UPDATE (name) ON taxpayer TO tax_control_server;
GRANT UPDATE (name, region, activity, address) ON premises TO tax_control_server;
GRANT UPDATE (status, status_reason, status_changed_at) ON terminal TO tax_control_server;
GRANT UPDATE (revoked_at, revocation_reason) ON terminal_certificate TO tax_control_server;
GRANT UPDATE (expires_at) ON invitation TO tax_control_server;
GRANT UPDATE (valid_until), DELETE ON tax_rate TO tax_control_server;

-- migrate:down
REVOKE INSERT ON taxpayer, premises, terminal, invitation, parameters_version, tax_rate FROM tax_control_server;
REVOKE UPDATE (name) ON taxpayer FROM tax_control_server;
REVOKE UPDATE (name, region, activity, address) ON premises FROM tax_control_server;
REVOKE UPDATE (status, status_reason, status_changed_at) ON terminal FROM tax_control_server;
REVOKE UPDATE (revoked_at, revocation_reason) ON terminal_certificate FROM tax_control_server;
REVOKE UPDATE (expires_at) ON invitation FROM tax_control_server;
REVOKE UPDATE (valid_until), DELETE ON tax_rate FROM tax_control_server;
DROP TABLE fetched_parameters;
DROP INDEX refused_invoice_refused_at;
