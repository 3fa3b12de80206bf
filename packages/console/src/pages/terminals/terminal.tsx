import { Anchor, SimpleGrid, Stack } from '@mantine/core';
import { Link, useParams } from 'react-router';
import type { TerminalPage } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useMay, useSession } from '../../api/session.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { MissingTable } from '../missing/missing-table.js';
import { useZone } from '../../url/zone.js';
import { TerminalActions } from './terminal-actions.js';
import { TerminalFacts } from './terminal-facts.js';
import { Backlog, Certificates, Journals } from './terminal-tables.js';
import { Timeline } from './timeline.js';

/** All that is known of one till. */
export default function TerminalPageView() {
  const { t } = useLanguage();
  const { fullName } = useSession();
  const may = useMay();
  const zone = useZone();
  const { terminalId = '' } = useParams();
  const path = `/terminals/${encodeURIComponent(terminalId)}`;
  const terminal = useReport<TerminalPage>(path);
  return (
    <>
      <PageHead title={t('terminal.title', { id: terminalId })} printedBy={fullName} zone={zone}>
        <Anchor component={Link} to={`/failures?terminalId=${encodeURIComponent(terminalId)}`} size="sm">
          {t('terminal.failures')}
        </Anchor>
        <Anchor component={Link} to="/terminals" size="sm">
          {t('terminals.back')}
        </Anchor>
      </PageHead>
      <Answer of={terminal}>
        {(data) => (
          <Stack gap="sm">
            <Section
              title={t('terminal.facts')}
              actions={may('operator') && <TerminalActions terminal={data} zone={zone} />}
            >
              <TerminalFacts terminal={data} zone={zone} />
            </Section>
            <SimpleGrid cols={{ base: 1, xl: 2 }} spacing="sm">
              <Backlog terminal={data} zone={zone} csv={{ path, table: 'backlog' }} />
              <Section title={t('terminal.missing')} csv={{ path, table: 'missing' }}>
                <MissingTable caption={t('terminal.missing')} rows={data.missing} zone={zone} ofOneTerminal />
              </Section>
              <Certificates terminal={data} zone={zone} csv={{ path, table: 'certificates' }} />
              <Journals terminal={data} zone={zone} csv={{ path, table: 'journals' }} />
            </SimpleGrid>
            <Timeline terminalId={terminalId} />
          </Stack>
        )}
      </Answer>
    </>
  );
}
