-- A certificate that a restored database has forgotten and that its till has shown again (docs/decisions/0039).
-- migrate:up

ALTER TABLE terminal_certificate
  DROP CONSTRAINT terminal_certificate_way_check,
  ADD CONSTRAINT terminal_certificate_way_check
    CHECK (way IN ('enrolment', 'renewal_same_key', 'renewal_new_key', 'operator', 'shown_again'));

-- migrate:down
UPDATE terminal_certificate SET way = 'operator' WHERE way = 'shown_again';
ALTER TABLE terminal_certificate
  DROP CONSTRAINT terminal_certificate_way_check,
  ADD CONSTRAINT terminal_certificate_way_check
    CHECK (way IN ('enrolment', 'renewal_same_key', 'renewal_new_key', 'operator'));
