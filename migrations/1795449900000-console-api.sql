-- What the console looks up and administers.
-- migrate:up

-- Looking up by the time of sale. Rows come nearly in its order, so this index of a few pages a million rows is enough, and it costs
-- the issuing of a code nothing that could be measured; a tree would cost a page write an invoice.
CREATE INDEX ledger_issued_at ON ledger USING brin (issued_at) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX refused_invoice_refused_at ON refused_invoice (refused_at);

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
DROP INDEX refused_invoice_refused_at, ledger_issued_at;
