-- Runs once, when the database volume is made: the groups that the migrations grant to, and a log-in user for each work.
\set migrator_password `cat /run/secrets/migrator_password`
\set server_password `cat /run/secrets/server_password`
\set operator_password `cat /run/secrets/operator_password`
\set auditor_password `cat /run/secrets/auditor_password`
\set backup_password `cat /run/secrets/backup_password`

CREATE ROLE tax_control_server NOLOGIN;
CREATE ROLE tax_control_operator NOLOGIN;
CREATE ROLE tax_control_auditor NOLOGIN;

CREATE ROLE migrator LOGIN PASSWORD :'migrator_password';
CREATE ROLE server LOGIN PASSWORD :'server_password' IN ROLE tax_control_server;
CREATE ROLE operator LOGIN PASSWORD :'operator_password' IN ROLE tax_control_operator;
CREATE ROLE auditor LOGIN PASSWORD :'auditor_password' IN ROLE tax_control_auditor;
-- Begins and ends base backups, and reads no table.
CREATE ROLE backup LOGIN PASSWORD :'backup_password';
GRANT EXECUTE ON FUNCTION pg_backup_start, pg_backup_stop TO backup;

ALTER DATABASE tax_control OWNER TO migrator;
REVOKE ALL ON DATABASE tax_control FROM PUBLIC;
GRANT CONNECT ON DATABASE tax_control TO tax_control_server, tax_control_operator, tax_control_auditor, backup;
