-- Where each certificate came from, so that revoking a stolen one finds what was renewed from it.
-- migrate:up

-- `parent`: the certificate that was shown at a renewal. No foreign key: a restored database may have forgotten the parent.
-- `caller_address`: where the request came from. A row that does not say how it came was put on file by an operator's tool.
ALTER TABLE terminal_certificate
  ADD COLUMN way text NOT NULL DEFAULT 'operator'
    CHECK (way IN ('enrolment', 'renewal_same_key', 'renewal_new_key', 'operator')),
  ADD COLUMN parent text CHECK (parent ~ '^[A-Za-z0-9_-]{43}$'),
  ADD COLUMN caller_address text,
  ADD CONSTRAINT terminal_certificate_parent CHECK ((parent IS NOT NULL) = (way IN ('renewal_same_key', 'renewal_new_key')));

UPDATE terminal_certificate SET way = 'enrolment'
FROM invitation WHERE invitation.thumbprint = terminal_certificate.thumbprint;

-- Signals of a month look for renewals only; most of a fleet renews once a year.
CREATE INDEX terminal_certificate_renewed ON terminal_certificate (issued_at) WHERE way = 'renewal_new_key';

-- migrate:down
DROP INDEX terminal_certificate_renewed;
ALTER TABLE terminal_certificate DROP COLUMN way, DROP COLUMN parent, DROP COLUMN caller_address;
